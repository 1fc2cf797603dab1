// Text with entities → nodes. Offsets are UTF-16 code units, which is what JavaScript strings count.
import { icon, make } from "./dom.js";
import { say } from "./words.js";

const TAGS = { bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code" };
const SAFE_LINK = /^(https?|mailto|tg):/i;

export function richText(text, entities = [], on = {}) {
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  const nodes = between(text, 0, text.length, sorted, on);
  // a block begins and ends its own line: the line break beside it is already there
  nodes.forEach((node, index) => {
    if (!(node instanceof Element) || !node.matches(".pre, blockquote")) return;
    if (typeof nodes[index - 1] === "string") nodes[index - 1] = nodes[index - 1].replace(/\n$/, "");
    if (typeof nodes[index + 1] === "string") nodes[index + 1] = nodes[index + 1].replace(/^\n/, "");
  });
  return nodes;
}

function between(text, start, end, entities, on) {
  const nodes = [];
  let at = start;
  let index = 0;
  while (index < entities.length) {
    const entity = entities[index];
    const from = Math.max(entity.offset, at);
    const to = Math.min(entity.offset + entity.length, end);
    index += 1;
    if (from >= to) continue;
    if (from > at) nodes.push(text.slice(at, from));
    const inner = [];
    while (index < entities.length && entities[index].offset < to) {
      const nested = entities[index];
      inner.push(nested);
      // one that reaches beyond its neighbour goes on after it
      if (nested.offset + nested.length > to) {
        entities = [...entities];
        entities[index] = { ...nested, offset: to, length: nested.offset + nested.length - to };
        break;
      }
      index += 1;
    }
    nodes.push(wrap(entity, text.slice(from, to), between(text, from, to, inner, on), on));
    at = to;
  }
  if (at < end) nodes.push(text.slice(at, end));
  return nodes;
}

function wrap(entity, plain, children, on) {
  switch (entity.type) {
    case "bold": case "italic": case "underline": case "strikethrough": case "code":
      return make(TAGS[entity.type], {}, ...children);
    case "pre": {
      const copy = make("button", { type: "button", class: "pre-copy", "aria-label": say("copy"), onclick: (event) => { event.stopPropagation(); on.copy?.(plain); } }, icon("copy"));
      return make("div", { class: "pre" }, entity.language ? make("span", { class: "pre-language" }, entity.language) : null, copy,
        make("pre", { tabindex: "0" }, make("code", {}, ...children)));
    }
    case "spoiler": {
      const show = (event) => { event.stopPropagation(); span.classList.add("shown"); span.removeAttribute("role"); };
      const span = make("span", { class: "spoiler", role: "button", tabindex: "0", title: say("spoiler"), onclick: show,
        onkeydown: (event) => { if (event.key === "Enter" || event.key === " ") show(event); } }, ...children);
      return span;
    }
    case "blockquote":
      return make("blockquote", {}, ...children);
    case "expandable_blockquote": {
      const quote = make("blockquote", { class: "expandable" }, make("div", { class: "quote-text" }, ...children));
      const more = make("button", { type: "button", class: "more", "aria-expanded": "false" }, say("more"));
      more.addEventListener("click", (event) => {
        event.stopPropagation();
        const open = quote.classList.toggle("open");
        more.textContent = say(open ? "less" : "more");
        more.setAttribute("aria-expanded", String(open));
      });
      quote.append(more);
      return quote;
    }
    case "text_link":
      return link(entity.url, children);
    case "url":
      return link(/^[a-z]+:/i.test(plain) ? plain : `http://${plain}`, children);
    case "email":
      return link(`mailto:${plain}`, children);
    case "bot_command":
      return make("button", { type: "button", class: "inline-command", onclick: (event) => { event.stopPropagation(); on.command?.(plain); } }, ...children);
    case "mention": case "text_mention": case "hashtag": case "cashtag":
      return make("span", { class: "mention" }, ...children);
    default:
      return make("span", {}, ...children);
  }
}

function link(address, children) {
  if (!SAFE_LINK.test(address)) return make("span", {}, ...children);
  return make("a", { href: address, target: "_blank", rel: "noopener noreferrer", onclick: (event) => event.stopPropagation() }, ...children);
}
