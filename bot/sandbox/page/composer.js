// The place where a message is written: commands, replies, files, voice.
import { by, icon, make } from "./dom.js";
import { summary } from "./bubbles.js";
import { say } from "./words.js";

export function makeComposer({ onsend, onvoice, onfiles, commands }) {
  const text = by("text");
  const suggest = by("suggest");
  let replyTo = null;
  let shown = [];
  let chosen = 0;
  let menuOpen = false;
  const drafts = new Map();
  let place = "";

  by("send").append(icon("send"));
  by("voice").append(icon("voice"));
  by("attach").append(icon("attach"));
  by("menu").querySelector(".menu-icon").append(icon("menu"));

  function grow() {
    text.style.height = "auto";
    text.style.height = `${Math.min(text.scrollHeight, 220)}px`;
    const filled = text.value.trim() !== "";
    by("send").hidden = !filled;
    by("voice").hidden = filled;
  }

  function showCommands(list, label) {
    shown = list;
    chosen = 0;
    suggest.replaceChildren();
    suggest.hidden = !list.length && !label;
    menuOpen = Boolean(label);
    by("menu").setAttribute("aria-expanded", String(menuOpen));
    if (suggest.hidden) return;
    if (!list.length) suggest.append(make("p", {}, say("no_commands")));
    list.forEach((command, index) => {
      const row = make("button", { type: "button", class: "command", role: "option", id: `command-${index}`, onclick: () => pick(command) },
        make("strong", {}, `/${command.command}`), make("span", {}, command.description));
      suggest.append(row);
    });
    mark();
  }

  function mark() {
    [...suggest.querySelectorAll(".command")].forEach((row, index) => {
      row.setAttribute("aria-selected", String(index === chosen));
      if (index === chosen) row.scrollIntoView({ block: "nearest" });
    });
    if (shown.length) text.setAttribute("aria-activedescendant", `command-${chosen}`);
  }

  function complete() {
    const match = /^\/(\w*)$/.exec(text.value);
    showCommands(match ? commands().filter((one) => one.command.startsWith(match[1])) : []);
  }

  function pick(command) {
    showCommands([]);
    text.value = "";
    grow();
    text.focus();
    onsend(`/${command.command}`, takeReply());
  }

  function takeReply() {
    const id = replyTo?.message_id ?? null;
    reply(null);
    return id;
  }

  function reply(message) {
    replyTo = message;
    const bar = by("replying");
    bar.replaceChildren();
    bar.hidden = !message;
    if (!message) return;
    bar.append(icon("reply"), make("div", {}, make("strong", {}, message.from.first_name), make("span", {}, summary(message))),
      make("button", { type: "button", class: "round", "aria-label": say("cancel"), onclick: () => { reply(null); text.focus(); } }, icon("close")));
    text.focus({ preventScroll: true });
  }

  function submit() {
    const written = text.value.trim();
    if (!written) return;
    text.value = "";
    grow();
    showCommands([]);
    onsend(written, takeReply());
  }

  text.addEventListener("input", () => { grow(); complete(); });
  text.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (!suggest.hidden && shown.length) {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        chosen = (chosen + (event.key === "ArrowDown" ? 1 : shown.length - 1)) % shown.length;
        mark();
        return;
      }
      if (event.key === "Tab") {
        event.preventDefault();
        text.value = `/${shown[chosen].command} `;
        showCommands([]);
        return;
      }
      if (event.key === "Enter" && !event.shiftKey) {
        event.preventDefault();
        pick(shown[chosen]);
        return;
      }
    }
    if (event.key === "Escape") {
      if (!suggest.hidden) showCommands([]);
      else reply(null);
      return;
    }
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      submit();
    }
  });
  text.addEventListener("paste", (event) => {
    if (event.clipboardData.files.length) {
      event.preventDefault();
      onfiles([...event.clipboardData.files], takeReply());
    }
  });
  by("composer").addEventListener("submit", (event) => { event.preventDefault(); submit(); text.focus(); });
  by("menu").addEventListener("click", () => {
    if (suggest.hidden) showCommands(commands(), true);
    else showCommands([]);
    text.focus({ preventScroll: true });
  });
  by("voice").addEventListener("click", () => onvoice(takeReply()));
  by("attach").addEventListener("click", () => by("files").click());
  by("files").addEventListener("change", () => {
    onfiles([...by("files").files], takeReply());
    by("files").value = "";
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("#suggest, #menu, #text")) showCommands([]);
  });

  return {
    reply,
    takeReply,
    /** Keeps what was begun in one chat apart from another. */
    enter(next) {
      if (place) drafts.set(place, text.value);
      place = next;
      text.value = drafts.get(next) ?? "";
      reply(null);
      showCommands([]);
      grow();
    },
    /** Shows the commands that have just come, where some are being looked for. */
    refresh() {
      if (menuOpen) showCommands(commands(), true);
      else if (document.activeElement === text) complete();
    },
    focus: () => text.focus({ preventScroll: true }),
  };
}
