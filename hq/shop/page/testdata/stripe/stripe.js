// What the tests have for Stripe.js: what the shop calls of it, as https://docs.stripe.com/js has it. The number is typed into a frame of
// another origin, which sends it to api.stripe.com and nowhere else.
"use strict";
window.Stripe = (key, { locale }) => {
  class Card {
    constructor(options) {
      this.options = options;
      this.handlers = {};
    }
    on(type, handler) {
      this.handlers[type] = handler;
    }
    mount(place) {
      this.frame = document.createElement("iframe");
      this.frame.title = "Secure card payment input frame";
      this.frame.src = `https://js.stripe.com/card.html#${locale}`;
      this.frame.style.cssText = "display: block; width: 100%; height: 20px; border: none";
      this.place = place;
      place.classList.add("StripeElement");
      place.append(this.frame);
      document.querySelector(`label[for="${place.id}"]`).addEventListener("click", () => this.focus());
      place.addEventListener("fill", ({ detail }) => this.post({ fill: detail })); // tests, for whoever types
      addEventListener("message", ({ source, data }) => {
        if (source !== this.frame.contentWindow) return;
        if (data.type === "loaded") this.post({ style: this.options.style });
        if (data.type === "method") this.answer(data.result);
        if (data.type === "change") place.dataset.typed = data.typed; // tests wait for it
        if (data.type === "focus") place.classList.toggle("StripeElement--focus", data.on);
        this.handlers[data.type]?.(data);
      });
    }
    update(options) {
      this.post(options);
    }
    focus() {
      this.frame.focus();
      this.post({ focus: true });
    }
    post(message) {
      if (message.style) this.place.dataset.color = message.style.base.color;
      this.frame.contentWindow.postMessage(message, "https://js.stripe.com");
    }
  }
  fetch("https://api.stripe.com/v1/elements/sessions"); // so does the real one
  return {
    elements: () => ({ create: (type, options) => new Card(options) }),
    createPaymentMethod: ({ card }) =>
      new Promise((resolve) => {
        card.answer = resolve;
        card.post({ create: key });
      }),
  };
};
