// What the page itself says, in both languages.
const WORDS = {
  en: {
    sandbox: "local sandbox", language: "Language", theme: "Light or dark", chats: "Chats", back: "Back to chats",
    messages: "Messages", to_end: "Newest message", menu: "Menu", attach: "Attach a file", voice: "Send a voice message",
    send: "Send", drop: "Drop files to send them", close: "Close", ok: "OK", you_are: "You are",
    placeholder: "Message", connected: "Connected", reconnecting: "Connecting again…",
    bot: "bot", typing: "typing", upload_photo: "sending a photo", upload_document: "sending a file", thinking: "Thinking…",
    members: "{n} members", today: "Today", yesterday: "Yesterday", edited: "edited",
    photo: "Photo", file: "File", voice_message: "Voice message", empty_title: "Ask {bot} a question",
    empty_text: "In plain English or Chinese, about your own data.",
    empty_group: "Mention @{bot} or reply to it, and it answers here.",
    start: "Start", no_messages: "No messages yet", unsupported: "Unsupported message", deleted: "Deleted message",
    outsider: "{name} is not a member of this group.", copy: "Copy", copied: "Copied", reply: "Reply", react: "React with", cancel: "Cancel",
    forwarded: "Forwarded from {name}", topic_created: "Topic “{name}” was created", more: "Show more", less: "Show less",
    not_sent: "Not sent: {why}", pinned: "Pinned message", general: "General", spoiler: "Hidden text; press to show",
    private_chats: "Private chats", groups: "Groups", 
    no_commands: "The bot has set no commands yet.",
  },
  "zh-hans": {
    sandbox: "本机沙盒", language: "语言", theme: "浅色或深色", chats: "聊天", back: "返回聊天列表",
    messages: "消息", to_end: "最新消息", menu: "菜单", attach: "添加文件", voice: "发送语音消息",
    send: "发送", drop: "松开即可发送文件", close: "关闭", ok: "好", you_are: "当前身份",
    placeholder: "输入消息", connected: "已连接", reconnecting: "正在重新连接…",
    bot: "机器人", typing: "正在输入", upload_photo: "正在发送图片", upload_document: "正在发送文件", thinking: "思考中…",
    members: "{n} 位成员", today: "今天", yesterday: "昨天", edited: "已编辑",
    photo: "图片", file: "文件", voice_message: "语音消息", empty_title: "向 {bot} 提问",
    empty_text: "用中文或英文，直接问你自己的数据。",
    empty_group: "提及 @{bot} 或回复它的消息，它就会在这里回答。",
    start: "开始", no_messages: "暂无消息", unsupported: "不支持的消息", deleted: "已删除的消息",
    outsider: "{name} 不是本群成员。", copy: "复制", copied: "已复制", reply: "回复", react: "回应", cancel: "取消",
    forwarded: "转发自 {name}", topic_created: "已创建话题“{name}”", more: "展开", less: "收起",
    not_sent: "未能发送：{why}", pinned: "置顶消息", general: "综合", spoiler: "隐藏文字，点按显示",
    private_chats: "私聊", groups: "群组", 
    no_commands: "机器人尚未设置命令。",
  },
};
const ROLES = { "zh-hans": { admin: "管理员", analyst: "分析师", viewer: "查看者" } };

let current = "en";

export function useLanguage(code) {
  current = code.startsWith("zh") ? "zh-hans" : "en";
  document.documentElement.lang = current === "en" ? "en" : "zh-Hans";
}

export const language = () => current;
export const locale = () => (current === "en" ? "en-GB" : "zh-CN");
export const roleName = (role) => ROLES[current]?.[role] ?? role;

export function say(key, values = {}) {
  return (WORDS[current][key] ?? WORDS.en[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
