// Messages → bubbles.
import { icon, make } from "./dom.js";
import { richText } from "./richtext.js";
import { fileAddress } from "./server.js";
import { locale, say } from "./words.js";

const CJK = /[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]/;
const NEAR_S = 300;
const PHOTO_MAX = { width: 440, height: 460 };
const REACTIONS = ["👍", "👎"];
const UNITS = ["B", "KB", "MB", "GB"];

export const timeOf = (date) => new Date(date * 1000).toLocaleTimeString(locale(), { hour: "2-digit", minute: "2-digit", hour12: false });
const dayKey = (date) => new Date(date * 1000).toDateString();

function dayName(date) {
  const day = new Date(date * 1000);
  const now = new Date();
  const back = Math.round((new Date(now.toDateString()) - new Date(day.toDateString())) / 86_400_000);
  if (back === 0) return say("today");
  if (back === 1) return say("yesterday");
  const far = day.getFullYear() !== now.getFullYear();
  return day.toLocaleDateString(locale(), { day: "numeric", month: "long", ...(far && { year: "numeric" }) });
}

function sizeName(bytes) {
  let unit = 0;
  let size = bytes;
  while (size >= 1024 && unit < UNITS.length - 1) { size /= 1024; unit += 1; }
  return `${unit && size < 10 ? size.toFixed(1) : Math.round(size)} ${UNITS[unit]}`;
}

export function avatar(name, id, extra = "") {
  const letters = [...name.trim()];
  return make("span", { class: `avatar hue-${Math.abs(id) % 7} ${extra}`, "aria-hidden": "true" }, letters[0]?.toUpperCase() ?? "?");
}

export function summary(message) {
  if (!message) return say("deleted");
  if (message.text) return message.text.replace(/\s+/g, " ");
  if (message.photo) return message.caption ? message.caption.replace(/\s+/g, " ") : say("photo");
  if (message.document) return message.document.file_name ?? say("file");
  if (message.voice) return say("voice_message");
  if (message.forum_topic_created) return say("topic_created", message.forum_topic_created);
  return say("unsupported");
}

/** One item is a message, or the messages of one album. */
export function items(messages) {
  const result = [];
  for (const message of messages) {
    const last = result.at(-1);
    if (message.media_group_id && last?.album === message.media_group_id) last.messages.push(message);
    else result.push({ key: message.message_id, album: message.media_group_id, messages: [message] });
  }
  return result;
}

/** Which bubbles stand together: same person, same day, close in time. */
export function joins(one, other) {
  if (!one || !other) return false;
  const before = one.messages.at(-1);
  const after = other.messages[0];
  return !isService(before) && !isService(after) && before.from.id === after.from.id &&
    after.date - before.date < NEAR_S && dayKey(before.date) === dayKey(after.date);
}

export const newDay = (one, other) => !one || dayKey(one.messages.at(-1).date) !== dayKey(other.messages[0].date);
export const daySeparator = (item) => make("div", { class: "day" }, make("span", {}, dayName(item.messages[0].date)));
const isService = (message) => Boolean(message.forum_topic_created);

/**
 * view: { mine(message), reaction(message), inGroup, find(id), on: { reply, react, jump, press, photo, copy, command } }
 */
export function bubble(item, view) {
  const first = item.messages[0];
  const last = item.messages.at(-1);
  if (isService(first)) return make("div", { class: "service", "data-key": item.key }, make("span", {}, summary(first)));
  const own = view.mine(first);
  const captioned = item.messages.find((message) => message.caption);
  const content = first.text !== undefined ? textBlock(first.text, first.entities, view) : null;
  const caption = captioned ? textBlock(captioned.caption, captioned.caption_entities, view) : null;
  const isPhoto = Boolean(first.photo);
  const body = make("div", { class: "bubble" });
  if (view.inGroup && !own) body.append(make("div", { class: `author hue-${Math.abs(first.from.id) % 7}` }, first.from.first_name));
  if (first.forward_origin) body.append(make("div", { class: "forwarded" }, say("forwarded", { name: first.forward_origin.sender_user?.first_name ?? "?" })));
  if (first.reply_to) body.append(quote(first.reply_to, view));
  if (isPhoto) body.append(photos(item.messages, view, body, Boolean(caption)));
  if (first.document) body.append(...item.messages.map(documentRow));
  if (first.voice) body.append(voiceRow(first));
  const words = content ?? caption;
  if (words) body.append(words);
  if (!words && !isPhoto && !first.document && !first.voice) body.append(make("div", { class: "words" }, say("unsupported")));
  const meta = make("span", { class: "meta" }, last.edit_date ? `${say("edited")} ` : "", make("time", { datetime: new Date(last.date * 1000).toISOString() }, timeOf(last.date)), own ? ticks() : null);
  (words ?? body).append(meta);
  if (isPhoto && !words) body.classList.add("bare");
  if (isPhoto) body.classList.add("has-photo");
  if (onlyEmoji(first.text)) body.classList.add("emoji");
  const reactions = reactionChips(first, view);
  if (reactions) body.append(reactions);
  body.addEventListener("click", (event) => {
    if (event.target.closest("a, button, summary, .spoiler, pre") || String(getSelection())) return;
    view.on.reply(first);
  });
  const replyButton = make("button", { type: "button", class: "round reply-button", "aria-label": say("reply"), title: say("reply"), onclick: () => view.on.reply(first) }, icon("reply"));
  const beside = make("div", { class: "beside" }, replyButton, ...(first.from_bot ? REACTIONS.map((emoji) => reactButton(first, emoji, view)) : []));
  const column = make("div", { class: "column" }, make("div", { class: "bubble-line" }, body, beside), last.reply_markup ? keyboard(last, view) : null);
  return make("article", { class: `row ${own ? "own" : "theirs"}`, "data-key": item.key },
    view.inGroup && !own ? portrait(first.from) : null, column);
}

/** Everybody's signs, each with its number; one's own can be taken back. */
function reactionChips(message, view) {
  const counts = new Map();
  for (const one of message.reactions ?? []) counts.set(one.emoji, 1);
  for (const emoji of Object.values(message.user_reactions ?? {})) counts.set(emoji, (counts.get(emoji) ?? 0) + 1);
  if (!counts.size) return null;
  const own = view.reaction(message);
  return make("div", { class: "reactions" }, ...[...counts].map(([emoji, count]) =>
    make("button", { type: "button", "aria-pressed": String(emoji === own), "aria-label": `${say("react")} ${emoji}`, onclick: () => view.on.react(message, emoji) },
      emoji, count > 1 ? make("span", {}, String(count)) : null)));
}

const reactButton = (message, emoji, view) => make("button", { type: "button", class: "round react-button", "aria-label": `${say("react")} ${emoji}`, title: say("react"), "aria-pressed": String(view.reaction(message) === emoji), onclick: () => view.on.react(message, emoji) }, emoji);

const portrait = (sender) => (sender.is_bot ? make("span", { class: "avatar bot-avatar small", "aria-hidden": "true" }) : avatar(sender.first_name, sender.id, "small"));

function textBlock(text, entities, view) {
  const block = make("div", { class: "words", dir: "auto" }, ...richText(text, entities, view.on));
  for (const pre of block.querySelectorAll("pre")) {
    // East Asian letters need a font in which one is exactly two columns wide
    if (CJK.test(pre.textContent)) pre.classList.add("cjk");
  }
  return block;
}

function quote(id, view) {
  const message = view.find(id);
  return make("button", { type: "button", class: `quote hue-${Math.abs(message?.from.id ?? 0) % 7}`, onclick: () => view.on.jump(id) },
    make("strong", {}, message ? message.from.first_name : "…"), make("span", {}, summary(message)));
}

function photos(messages, view, body, captioned) {
  const many = messages.length > 1;
  const grid = make("div", { class: many ? "photos album" : "photos" });
  for (const message of messages) {
    const size = message.photo.at(-1);
    const button = make("button", { type: "button", class: "photo", "aria-label": say("photo"), onclick: () => view.on.photo(message) });
    const image = make("img", { src: fileAddress(size.file_id), alt: message.caption ?? say("photo"), width: size.width, height: size.height, decoding: "async" });
    if (!many) {
      const scale = Math.min(PHOTO_MAX.width / size.width, PHOTO_MAX.height / size.height);
      const width = Math.round(Math.max(size.width * Math.min(scale, 1), captioned ? 240 : 120));
      body.style.setProperty("--photo-width", `${width}px`);
      button.style.aspectRatio = `${size.width} / ${size.height}`;
    }
    button.append(image);
    grid.append(button);
  }
  return grid;
}

function documentRow(message) {
  const file = message.document;
  const name = file.file_name ?? say("file");
  const suffix = name.includes(".") ? name.split(".").at(-1).slice(0, 4) : "";
  return make("a", { class: "document", href: fileAddress(file.file_id, true), download: name },
    make("span", { class: `file-icon kind-${/^(csv|xlsx|xls)$/i.test(suffix) ? "table" : "other"}` }, make("span", { class: "suffix" }, suffix), icon("download")),
    make("span", { class: "file-text" }, make("strong", {}, name), make("span", {}, sizeName(file.file_size))));
}

function voiceRow(message) {
  const wave = make("span", { class: "wave", "aria-hidden": "true" });
  for (let index = 0; index < 28; index += 1) {
    const bar = make("i");
    bar.style.height = `${4 + ((message.message_id * 7 + index * index * 5) % 15)}px`;
    wave.append(bar);
  }
  const seconds = message.voice.duration;
  return make("div", { class: "voice" }, make("span", { class: "voice-play" }, icon("play")),
    make("span", { class: "voice-text" }, wave, make("span", {}, `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`)));
}

function keyboard(message, view) {
  return make("div", { class: "keyboard" }, ...message.reply_markup.inline_keyboard.map((row) =>
    make("div", { class: "keyboard-row" }, ...row.map((button) => {
      if (button.url) return make("a", { class: "key", href: /^https?:/i.test(button.url) ? button.url : "#", target: "_blank", rel: "noopener noreferrer" }, make("span", {}, button.text), icon("link"));
      return make("button", { type: "button", class: "key", "data-callback": button.callback_data, onclick: (event) => view.on.press(message, button, event.currentTarget) }, make("span", {}, button.text));
    }))));
}

function ticks() {
  const svg = icon("down");
  svg.setAttribute("class", "ticks");
  svg.setAttribute("viewBox", "0 0 20 12");
  svg.firstChild.setAttribute("d", "M1 6.5l4 4L13.5 1M9 10.5L18.5 1");
  return svg;
}

function onlyEmoji(text) {
  return Boolean(text) && text.length <= 12 && /^(\p{Extended_Pictographic}|\p{Emoji_Modifier}|[\u200d\ufe0f\s])+$/u.test(text);
}

export function draftBubble(draft, view) {
  const thinking = !draft.text;
  const words = thinking
    ? make("div", { class: "words thinking" }, make("span", {}, say("thinking")))
    : textBlock(draft.text, draft.entities, view);
  if (!thinking) words.append(make("span", { class: "caret", "aria-hidden": "true" }));
  return make("article", { class: "row theirs draft last", "data-key": "draft" }, make("div", { class: "column" }, make("div", { class: "bubble-line" }, make("div", { class: "bubble" }, words))));
}
