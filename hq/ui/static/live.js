// Live pages: one event stream for all tabs, the state beside the title, and a tint where a figure changed.
(() => {
  "use strict";
  const self = document.currentScript;

  // Looks like an EventSource to htmx, but the connection is in a worker shared by all tabs: browsers allow six
  // connections to a host over HTTP/1.1, and a manager opens more tabs than that.
  class SharedStream {
    constructor(url) {
      this.readyState = EventSource.CONNECTING;
      this.handlers = new Map();
      this.port = new SharedWorker(self.dataset.worker).port;
      this.port.onmessage = ({ data }) => {
        if (data.kind === "open") {
          this.readyState = EventSource.OPEN;
          this.onopen?.(data);
        } else if (data.kind === "error") {
          this.readyState = data.readyState;
          this.onerror?.(data);
        } else {
          for (const handler of this.handlers.get(data.type) ?? []) handler(data);
        }
      };
      this.port.postMessage({ kind: "connect", url });
      this.leave = () => this.close();
      addEventListener("pagehide", this.leave);
    }
    addEventListener(type, handler) {
      if (!this.handlers.has(type)) {
        this.handlers.set(type, new Set());
        this.port.postMessage({ kind: "listen", type });
      }
      this.handlers.get(type).add(handler);
    }
    removeEventListener(type, handler) {
      this.handlers.get(type)?.delete(handler);
    }
    close() {
      removeEventListener("pagehide", this.leave);
      this.readyState = EventSource.CLOSED;
      this.port.postMessage({ kind: "leave" });
      this.port.close();
    }
  }
  htmx.createEventSource = (url) => (window.SharedWorker ? new SharedStream(url) : new EventSource(url));

  const state = (value) => document.querySelectorAll("[data-live]").forEach((el) => (el.dataset.live = value));
  document.addEventListener("htmx:sseOpen", () => state("on"));
  document.addEventListener("htmx:sseError", () => state("lost"));
  // A page kept by the browser for "back" has lost its stream and its figures are old.
  addEventListener("pageshow", (event) => event.persisted && location.reload());

  // A live part is changed in place into what came for it: what is the same stays, with the focus, the caret and the scroll, and
  // what a person has typed, chosen or unfolded stays until it is sent. A form is known again by where it goes and what about.
  const typed = (el) =>
    (el.matches?.("input, textarea") && (el.value !== el.defaultValue || el.checked !== el.defaultChecked)) ||
    (el.matches?.("select") && el.selectedOptions[0] !== (el.querySelector("option[selected]") ?? el.options[0]));
  const name = (root) => {
    for (const form of root.querySelectorAll("form:not([id])")) {
      const about = Array.from(form.querySelectorAll("input[type=hidden]"), (el) => el.value);
      form.setAttribute("id", encodeURI([form.getAttribute("action"), ...about].join(" ")));
    }
  };
  htmx.defineExtension("live", {
    handleSwap(style, target, fragment) {
      if (style !== "live") return false;
      name(target);
      name(fragment);
      return Idiomorph.morph(target, fragment.childNodes, {
        morphStyle: "innerHTML",
        ignoreActiveValue: true,
        callbacks: {
          beforeNodeMorphed: (old) => !typed(old),
          beforeAttributeUpdated: (attribute, el) => !(attribute === "open" && el.matches("details")),
        },
      });
    },
  });

  // What takes longer than a moment shows: the next page, which a screen reader says too, and what a live part asks for, which would
  // interrupt at every sale.
  const slow = document.querySelector(".slow");
  const show = (text) => setTimeout(() => {
    slow.classList.add("on");
    slow.textContent = text;
  }, 300);
  let waiting, leaving;
  document.addEventListener("htmx:beforeRequest", () => {
    clearTimeout(waiting);
    waiting = show("");
  });
  document.addEventListener("htmx:afterRequest", () => {
    clearTimeout(waiting);
    if (!leaving) slow.classList.remove("on");
  });
  addEventListener("beforeunload", () => (leaving = show(slow.dataset.text)));

  let before = new Map();
  const figures = () => document.querySelectorAll("[data-figure]");
  document.addEventListener("htmx:beforeSwap", () => {
    before = new Map(Array.from(figures(), (el) => [el.dataset.figure, el.textContent]));
  });
  document.addEventListener("htmx:afterSettle", () => {
    for (const el of figures()) {
      if (before.has(el.dataset.figure) && before.get(el.dataset.figure) !== el.textContent) {
        el.classList.add("changed");
        setTimeout(() => el.classList.remove("changed"), 600);
      }
    }
    before.clear();
  });

  // The tab of this page is in sight where they do not all fit.
  for (const tab of document.querySelectorAll(".segments > [aria-current=page]")) {
    for (const row of [tab.parentElement, tab.closest(".report-tabs")]) {
      row?.scrollBy({ left: tab.getBoundingClientRect().right - row.getBoundingClientRect().right + 24 });
    }
  }

  // The clock starts from the server's time, in the time zone the server chose.
  const clock = document.querySelector("[data-clock]");
  if (clock) {
    const [h, m, s] = clock.textContent.trim().split(":").map(Number);
    const start = (h * 60 + m) * 60 + s - performance.now() / 1000;
    const two = (n) => String(Math.floor(n)).padStart(2, "0");
    setInterval(() => {
      const now = (start + performance.now() / 1000) % 86400;
      clock.textContent = `${two(now / 3600)}:${two((now / 60) % 60)}:${two(now % 60)}`;
    }, 1000);
  }
  document.addEventListener("change", (event) => event.target.closest("[data-submit]")?.form.requestSubmit());
  document.addEventListener("click", (event) => event.target.closest("[data-print]") && print());
})();
