// Talking to the sandbox's server.
const token = document.querySelector('meta[name="page-token"]').content;

export const fileAddress = (id, download = false) =>
  `/page/files/${encodeURIComponent(id)}?token=${encodeURIComponent(token)}${download ? "&download=1" : ""}`;

async function ask(path, options = {}) {
  const response = await fetch(path, { ...options, headers: { "X-Page-Token": token, ...options.headers } });
  if (response.status === 403) { location.reload(); throw new Error("out of date"); }
  if (!response.ok) {
    const body = await response.json().catch(() => ({}));
    throw new Error(body.error ?? response.statusText);
  }
  return response.json();
}

export const get = (path) => ask(path);
export const post = (path, body) => ask(path, { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });
export const upload = (file, query) => ask(`/page/upload?${new URLSearchParams(query)}`, { method: "POST", body: file });

export function listen({ onopen, onevent, onlost }) {
  const source = new EventSource(`/page/events?token=${encodeURIComponent(token)}`);
  source.onopen = onopen;
  source.onmessage = (message) => onevent(JSON.parse(message.data));
  source.onerror = () => {
    onlost();
    // a refused stream is closed for good: the server was started anew, with another token
    if (source.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 1500);
  };
  addEventListener("pagehide", () => source.close());
}
