// The chat page: state, events, and the parts put together.
import { avatar, bubble, daySeparator, draftBubble, items, joins, newDay, summary, timeOf } from "./bubbles.js";
import { makeComposer } from "./composer.js";
import { by, icon, make } from "./dom.js";
import { fileAddress, get, listen, post, upload } from "./server.js";
import { language, roleName, say, useLanguage } from "./words.js";

const TYPING_MS = 5000;
const DRAFT_MS = 30_000;
const PRESS_MS = 12_000;
const AGAIN_MS = 1500;
const PHONE = matchMedia("(max-width: 760px)");
const DARK = matchMedia("(prefers-color-scheme: dark)");

const state = {
  bot: null, users: [], groups: [], messages: new Map(), drafts: new Map(), typing: new Map(), pinned: {}, examples: {},
  unread: new Map(), commands: [], chat: null, speaker: null, topic: null, shown: new Map(),
};
const pressed = new Map();
let loads = 0;
let ready = false;
let early = [];
let atEnd = true;

const userOf = (id) => state.users.find((user) => user.id === id);
const groupOf = (id) => state.groups.find((group) => group.id === id);
const placeOf = (chat, thread) => `${chat}:${thread ?? ""}`;
const me = () => userOf(state.speaker);

const composer = makeComposer({
  commands: () => state.commands,
  onsend: (text, replyTo) => attempt(() => post("/page/send", { ...where(replyTo), text })),
  onvoice: (replyTo) => attempt(() => post("/page/voice", { ...where(replyTo), duration: 3 })),
  onfiles: (files, replyTo) => sendFiles(files, replyTo),
});

function where(replyTo) {
  return { user_id: state.speaker, chat_id: state.chat, topic: state.topic, reply_to: replyTo };
}

async function attempt(action) {
  try {
    return await action();
  } catch (error) {
    toast(say("not_sent", { why: error.message }));
    return null;
  }
}

async function sendFiles(files, replyTo) {
  for (const file of files) {
    const query = { user_id: state.speaker, chat_id: state.chat, name: file.name };
    if (state.topic) query.topic = state.topic;
    if (replyTo) query.reply_to = replyTo;
    await attempt(() => upload(file, query));
  }
}

// Events from the server

/** Asks for the state until it comes; a later call, from a connection made anew, takes the place of this one. */
async function load() {
  loads += 1;
  const mine = loads;
  ready = false;
  const fresh = await get("/page/state").catch(() => null);
  if (mine !== loads) return;
  linked(!fresh);
  if (fresh) loaded(fresh);
  else setTimeout(() => { if (mine === loads) load(); }, AGAIN_MS);
}

function loaded(fresh) {
  Object.assign(state, { bot: fresh.bot, users: fresh.users, groups: fresh.groups, pinned: fresh.pinned, examples: fresh.examples });
  state.messages = new Map(Object.entries(fresh.messages).map(([chat, list]) => [Number(chat), list]));
  state.drafts.clear();
  for (const draft of fresh.drafts) keepDraft(draft);
  ready = true;
  const waiting = early;
  early = [];
  // until now there was nobody to act as, and no chat to act in
  for (const id of ["language-switch", "speaker", "writing"]) by(id).disabled = false;
  if (!state.chat) {
    const asked = Number(location.hash.slice(1));
    enter(userOf(asked) || groupOf(asked) ? asked : state.users[0].id, { quietly: PHONE.matches && !asked });
  } else renderChat();
  waiting.forEach(receive);
  renderWords();
}

function receive(event) {
  if (event.type === "hello") return;
  if (!ready) { early.push(event); return; }
  if (event.type === "message") received(event.message);
  else if (event.type === "edit") edited(event.message);
  else if (event.type === "delete") deleted(event);
  else if (event.type === "draft") { keepDraft(event); if (event.chat_id === state.chat) renderDraft(); }
  else if (event.type === "action") typing(event);
  else if (event.type === "answer") answered(event);
  else if (event.type === "commands") loadCommands();
  else if (event.type === "language") languageChanged(event);
  else if (event.type === "pinned") { state.pinned[event.chat_id] = event.message_id; renderPinned(); }
}

function received(message) {
  const chat = message.chat.id;
  const list = state.messages.get(chat) ?? [];
  const known = list.findIndex((one) => one.message_id === message.message_id);
  if (known >= 0) list[known] = message;
  else list.push(message);
  state.messages.set(chat, list);
  if (message.from_bot) {
    state.typing.delete(chat);
    state.drafts.delete(placeOf(chat, message.message_thread_id));
  }
  if (chat === state.chat) {
    if (message.from.id === state.speaker) atEnd = true;
    renderMessages(message.message_id);
    renderDraft();
    renderStatus();
  } else if (message.from_bot) state.unread.set(chat, (state.unread.get(chat) ?? 0) + 1);
  renderChats();
}

function edited(message) {
  const list = state.messages.get(message.chat.id) ?? [];
  const known = list.findIndex((one) => one.message_id === message.message_id);
  if (known < 0) return;
  list[known] = message;
  if (message.chat.id === state.chat) renderMessages();
  renderChats();
}

function deleted({ chat_id: chat, message_id: id }) {
  state.messages.set(chat, (state.messages.get(chat) ?? []).filter((one) => one.message_id !== id));
  if (chat === state.chat) renderMessages();
  renderChats();
}

function keepDraft(draft) {
  const place = placeOf(draft.chat_id, draft.thread_id);
  clearTimeout(state.drafts.get(place)?.timer);
  const timer = setTimeout(() => { state.drafts.delete(place); if (draft.chat_id === state.chat) renderDraft(); }, DRAFT_MS);
  state.drafts.set(place, { ...draft, timer });
}

function typing(event) {
  clearTimeout(state.typing.get(event.chat_id)?.timer);
  const timer = setTimeout(() => { state.typing.delete(event.chat_id); renderStatus(); renderChats(); }, TYPING_MS);
  state.typing.set(event.chat_id, { action: event.action, timer });
  renderStatus();
  renderChats();
}

function answered(event) {
  const waiting = pressed.get(event.query_id);
  pressed.delete(event.query_id);
  waiting?.release();
  if (event.user_id !== state.speaker || event.chat_id !== state.chat || !event.text) return;
  if (event.show_alert) {
    by("alert-text").textContent = event.text;
    if (!by("alert").open) by("alert").showModal();
  } else toast(event.text);
}

function languageChanged(event) {
  const user = userOf(event.user_id);
  if (user) user.language_code = event.language_code;
  if (event.user_id === state.speaker) { renderWords(); loadCommands(); }
}

async function loadCommands() {
  if (!state.chat) return;
  const [chat, speaker] = [state.chat, state.speaker];
  const found = await get(`/page/commands?chat_id=${chat}&user_id=${speaker}`).catch(() => []);
  if (chat !== state.chat || speaker !== state.speaker) return;
  state.commands = found;
  composer.refresh();
}

// Where the reader is

function enter(chat, { quietly = false } = {}) {
  state.chat = chat;
  const group = groupOf(chat);
  if (!group) state.speaker = chat;
  else if (!state.speaker) state.speaker = group.members[0];
  state.topic = null;
  state.unread.delete(chat);
  state.shown.clear();
  by("messages").replaceChildren();
  atEnd = true;
  history.replaceState(null, "", `#${chat}`);
  by("app").classList.toggle("in-chat", !quietly);
  composer.enter(placeOf(chat, state.topic));
  renderWords();
  loadCommands();
  if (!PHONE.matches) composer.focus();
}

function speakAs(user) {
  state.speaker = user;
  state.shown.clear();
  by("messages").replaceChildren();
  renderWords();
  loadCommands();
}

function enterTopic(topic) {
  state.topic = topic;
  state.shown.clear();
  by("messages").replaceChildren();
  atEnd = true;
  composer.enter(placeOf(state.chat, topic));
  renderChat();
}

// Drawing

function renderWords() {
  const user = me();
  if (user) useLanguage(user.language_code);
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = say(element.dataset.text);
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", say(element.dataset.label));
    if (element.tagName === "BUTTON") element.title = say(element.dataset.label);
  }
  for (const button of document.querySelectorAll("[data-language]")) button.setAttribute("aria-pressed", String(button.dataset.language === language()));
  by("text").placeholder = say("placeholder");
  by("text").setAttribute("aria-label", say("placeholder"));
  by("link-text").textContent = say(by("link-dot").classList.contains("lost") ? "reconnecting" : "connected");
  if (!state.bot) return;
  by("brand-name").textContent = state.bot.first_name;
  document.title = state.bot.first_name;
  state.shown.clear();
  by("messages").replaceChildren();
  renderChat();
}

function renderChat() {
  renderChats();
  renderHead();
  renderTopics();
  renderPinned();
  renderMessages();
  renderDraft();
  renderComposer();
}

function chatRow(chat, name, role) {
  const list = state.messages.get(chat) ?? [];
  const last = list.at(-1);
  const busy = state.typing.get(chat);
  const unread = state.unread.get(chat);
  const preview = busy ? make("span", { class: "busy" }, `${say(busy.action)}…`)
    : make("span", {}, last ? `${last.from_bot || last.from.id === chat ? "" : `${last.from.first_name}: `}${summary(last)}` : say("no_messages"));
  return make("button", { type: "button", class: "chat-row", "aria-current": chat === state.chat ? "true" : false, "data-chat": chat, onclick: () => enter(chat) },
    avatar(name, chat),
    make("span", { class: "chat-row-text" },
      make("span", { class: "line" }, make("strong", {}, name), role ? make("span", { class: `role role-${role}` }, roleName(role)) : null, last ? make("time", {}, timeOf(last.date)) : null),
      make("span", { class: "line preview" }, preview, unread ? make("span", { class: "unread" }, String(unread)) : null)));
}

function renderChats() {
  const focused = document.activeElement?.dataset?.chat;
  by("chats").replaceChildren(
    make("h2", {}, say("private_chats")), ...state.users.map((user) => chatRow(user.id, user.first_name, user.role_hint)),
    ...(state.groups.length ? [make("h2", {}, say("groups"))] : []), ...state.groups.map((group) => chatRow(group.id, group.title)));
  if (focused) by("chats").querySelector(`[data-chat="${focused}"]`)?.focus();
}

function renderHead() {
  const group = groupOf(state.chat);
  by("head-avatar").replaceWith(Object.assign(group ? avatar(group.title, group.id) : make("span", { class: "avatar bot-avatar" }), { id: "head-avatar" }));
  by("head-title").textContent = group ? group.title : state.bot.first_name;
  const select = by("speaker");
  select.replaceChildren(...state.users.map((user) => make("option", { value: user.id, selected: user.id === state.speaker }, user.role_hint ? `${user.first_name} · ${roleName(user.role_hint)}` : user.first_name)));
  select.value = String(state.speaker);
  renderStatus();
}

function renderStatus() {
  const busy = state.typing.get(state.chat);
  const group = groupOf(state.chat);
  const status = by("head-status");
  status.classList.toggle("busy", Boolean(busy));
  status.textContent = busy ? say(busy.action) : group ? say("members", { n: group.members.length + 1 }) : say("bot");
}

function renderTopics() {
  const topics = groupOf(state.chat)?.topics ?? [];
  const bar = by("topics");
  bar.hidden = !topics.length;
  bar.replaceChildren(...(topics.length ? [{ id: null, name: say("general") }, ...topics] : []).map((topic) =>
    make("button", { type: "button", role: "tab", "aria-selected": String(topic.id === state.topic), onclick: () => enterTopic(topic.id) }, topic.name)));
}

function renderPinned() {
  const message = find(state.pinned[state.chat]);
  const bar = by("pinned");
  bar.hidden = !message;
  bar.replaceChildren();
  if (message) bar.append(make("button", { type: "button", onclick: () => jump(message.message_id) }, icon("pin"), make("span", {}, make("strong", {}, say("pinned")), make("span", {}, summary(message)))));
}

function renderComposer() {
  const group = groupOf(state.chat);
  const outside = group && !group.members.includes(state.speaker);
  by("composer").hidden = outside;
  by("outsider").hidden = !outside;
  if (outside) by("outsider").textContent = say("outsider", { name: me().first_name });
}

const find = (id) => (state.messages.get(state.chat) ?? []).find((message) => message.message_id === id);

function currentItems() {
  const topics = groupOf(state.chat)?.topics ?? [];
  const list = (state.messages.get(state.chat) ?? []).filter((message) => !topics.length || (message.message_thread_id ?? null) === state.topic);
  return items(list);
}

const view = {
  mine: (message) => message.from.id === state.speaker,
  get inGroup() { return Boolean(groupOf(state.chat)); },
  find,
  reaction: (message) => message.user_reactions?.[state.speaker] ?? null,
  on: { reply: (message) => composer.reply(message), react, jump, press, photo, copy, command: (text) => attempt(() => post("/page/send", { ...where(null), text })) },
};

/** Draws what changed: a bubble is made anew only when its messages did. */
function renderMessages(arrived = null) {
  const holder = by("messages");
  const list = currentItems();
  const seen = new Set();
  holder.querySelectorAll(".day, .empty").forEach((element) => element.remove());
  let before = null;
  list.forEach((item, index) => {
    const mark = JSON.stringify(item.messages);
    let drawn = state.shown.get(item.key);
    if (!drawn || drawn.mark !== mark) {
      const element = bubble(item, view);
      if (drawn) drawn.element.replaceWith(element);
      drawn = { mark, element };
      state.shown.set(item.key, drawn);
      if (arrived !== null && item.messages.some((message) => message.message_id === arrived)) element.classList.add("new");
    }
    seen.add(item.key);
    const joined = joins(item, list[index + 1]);
    drawn.element.classList.toggle("last", !joined);
    drawn.element.classList.toggle("first", !joins(list[index - 1], item));
    if (newDay(list[index - 1], item)) {
      const day = daySeparator(item);
      if (before) before.after(day);
      else holder.prepend(day);
      before = day;
    }
    if (before ? before.nextSibling !== drawn.element : holder.firstChild !== drawn.element) {
      if (before) before.after(drawn.element);
      else holder.prepend(drawn.element);
    }
    before = drawn.element;
  });
  for (const [key, drawn] of state.shown) {
    if (!seen.has(key)) { drawn.element.remove(); state.shown.delete(key); }
  }
  if (!list.length) holder.append(emptyState());
  holder.classList.toggle("is-empty", !list.length);
  settle();
}

function renderDraft() {
  const holder = by("messages");
  holder.querySelector('[data-key="draft"]')?.remove();
  const draft = state.drafts.get(placeOf(state.chat, state.topic));
  if (draft) holder.append(draftBubble(draft, view));
  settle();
}

function emptyState() {
  const group = groupOf(state.chat);
  const names = { bot: group ? state.bot.username : state.bot.first_name };
  const questions = state.examples[language() === "en" ? "en" : "zh"] ?? [];
  const chips = group ? [] : questions.map((text) =>
    make("button", { type: "button", class: "chip", onclick: () => attempt(() => post("/page/send", { ...where(null), text })) }, text));
  const start = group ? null : make("button", { type: "button", class: "start", onclick: () => attempt(() => post("/page/send", { ...where(null), text: "/start" })) }, say("start"));
  return make("div", { class: "empty" }, make("span", { class: "avatar bot-avatar big", "aria-hidden": "true" }),
    make("h3", {}, group ? group.title : say("empty_title", names)),
    make("p", {}, group ? say("empty_group", names) : state.bot.description || say("empty_text")),
    chips.length ? make("div", { class: "chips" }, ...chips) : null, start);
}

function settle() {
  const scroll = by("scroll");
  if (atEnd) scroll.scrollTop = scroll.scrollHeight;
  by("to-end").hidden = atEnd;
}

// What a reader does in the chat

function jump(id) {
  const item = currentItems().find((one) => one.messages.some((message) => message.message_id === id));
  const element = item && state.shown.get(item.key)?.element;
  if (!element) return;
  element.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  element.classList.remove("flash");
  requestAnimationFrame(() => element.classList.add("flash"));
}

/** A second press takes the sign back. */
function react(message, emoji) {
  const chosen = view.reaction(message) === emoji ? null : emoji;
  return attempt(() => post("/page/react", { user_id: state.speaker, chat_id: state.chat, message_id: message.message_id, emoji: chosen }));
}

async function press(message, button, element) {
  element.classList.add("waiting");
  const release = () => element.classList.remove("waiting");
  const answer = await attempt(() => post("/page/press", { user_id: state.speaker, chat_id: state.chat, message_id: message.message_id, callback_data: button.callback_data }));
  if (!answer) { release(); return; }
  pressed.set(answer.query_id, { release });
  setTimeout(() => { pressed.delete(answer.query_id); release(); }, PRESS_MS);
}

function photo(message) {
  by("lightbox-image").src = fileAddress(message.photo.at(-1).file_id);
  by("lightbox-image").alt = message.caption ?? say("photo");
  by("lightbox-caption").textContent = message.caption ?? "";
  by("lightbox").showModal();
}

async function copy(text) {
  await navigator.clipboard.writeText(text);
  toast(say("copied"));
}

let toastTimer = 0;
function toast(text) {
  const box = by("toast");
  box.textContent = text;
  box.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { box.hidden = true; }, 3500);
}

// Light and dark

function theme(choice) {
  const dark = choice ? choice === "dark" : DARK.matches;
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  by("theme-switch").replaceChildren(icon(dark ? "sun" : "moon"));
}

// Wiring

by("back").append(icon("back"));
by("to-end").append(icon("down"));
by("lightbox-close").append(icon("close"));
theme(localStorage.getItem("theme"));
DARK.addEventListener("change", () => theme(localStorage.getItem("theme")));
by("theme-switch").addEventListener("click", () => {
  const next = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  localStorage.setItem("theme", next);
  theme(next);
});
by("language-switch").addEventListener("click", (event) => {
  const code = event.target.dataset.language;
  if (code) attempt(() => post("/page/language", { user_id: state.speaker, language_code: code }));
});
by("speaker").addEventListener("change", (event) => {
  const user = Number(event.target.value);
  if (groupOf(state.chat)) speakAs(user);
  else enter(user);
});
by("back").addEventListener("click", () => by("app").classList.remove("in-chat"));
by("to-end").addEventListener("click", () => { atEnd = true; by("scroll").scrollTo({ top: by("scroll").scrollHeight, behavior: "smooth" }); });
by("scroll").addEventListener("scroll", () => {
  const scroll = by("scroll");
  atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
  by("to-end").hidden = atEnd;
});
new ResizeObserver(settle).observe(by("messages"));
new ResizeObserver(settle).observe(by("scroll"));
by("lightbox-close").addEventListener("click", () => by("lightbox").close());
by("lightbox").addEventListener("click", (event) => { if (event.target.tagName !== "IMG") by("lightbox").close(); });

let dragging = 0;
const chat = by("chat");
chat.addEventListener("dragenter", (event) => { if (state.chat && event.dataTransfer.types.includes("Files")) { dragging += 1; by("drop").hidden = false; } });
chat.addEventListener("dragleave", () => { dragging = Math.max(0, dragging - 1); by("drop").hidden = dragging === 0; });
chat.addEventListener("dragover", (event) => {
  event.preventDefault();
  if (!state.chat) event.dataTransfer.dropEffect = "none";
});
chat.addEventListener("drop", (event) => {
  event.preventDefault();
  dragging = 0;
  by("drop").hidden = true;
  sendFiles([...event.dataTransfer.files], composer.takeReply());
});

function linked(lost) {
  by("link-dot").classList.toggle("lost", lost);
  by("link-text").textContent = say(lost ? "reconnecting" : "connected");
}
renderWords();
listen({
  onopen: load,
  onevent: receive,
  onlost: () => linked(true),
});
