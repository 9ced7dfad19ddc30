// The card field of a page that is paid on by Stripe: the number goes from Stripe's frame to Stripe, and the form gets what Stripe calls the
// card. https://docs.stripe.com/js
(() => {
  "use strict";
  const patience = 20000; // milliseconds until somebody is told that nothing comes
  const frame = document.getElementById("field-card");
  const hint = document.getElementById("field-card-hint");
  const note = document.getElementById("field-card-note");
  const form = frame.closest("form");
  const button = form.querySelector("button.main");
  const { key, source, away } = frame.dataset;

  const say = (text) => {
    note.hidden = !text;
    note.querySelector("span").textContent = text;
  };
  const busy = (yes) => {
    button.disabled = yes;
    button.setAttribute("aria-busy", yes);
    document.getElementById("paying").textContent = yes ? button.querySelector(".while-paying").textContent : "";
  };
  // The frame has another origin, and knows no style sheet of this page.
  const style = () => {
    const { color, fontFamily, fontSize } = getComputedStyle(frame);
    const bad = getComputedStyle(note).color;
    return {
      base: { color, iconColor: color, fontFamily, fontSize, "::placeholder": { color: getComputedStyle(hint).color } },
      invalid: { color: bad, iconColor: bad },
    };
  };

  const mount = () => {
    const stripe = Stripe(key, { locale: document.documentElement.lang });
    // Link would have people sign in to Stripe in the midst of the form.
    const card = stripe.elements().create("card", { style: style(), disableLink: true });
    card.on("ready", () => {
      clearTimeout(late);
      if (note.textContent.trim() === away) say(""); // it came after all
      button.disabled = false;
    });
    card.on("change", ({ error }) => say(error ? error.message : ""));
    card.on("loaderror", () => say(away));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => card.update({ style: style() }));
    card.mount(frame);

    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      // When headquarters finds something wrong the card has to be typed again, so what the browser can see is said before.
      if (button.disabled || !form.reportValidity()) return;
      busy(true);
      const { paymentMethod, error } = await stripe.createPaymentMethod({ type: "card", card }).catch((error) => ({ error }));
      if (paymentMethod) {
        form.elements.card.value = paymentMethod.id;
        form.submit();
        return;
      }
      busy(false);
      say(["card_error", "validation_error"].includes(error.type) ? error.message : away);
      card.focus();
    });
  };
  // A page kept by the browser for "back" was sent already.
  addEventListener("pageshow", (event) => event.persisted && location.reload());

  frame.hidden = false;
  const late = setTimeout(() => say(away), patience);
  const script = document.createElement("script");
  script.src = source;
  script.onload = mount;
  script.onerror = () => say(away);
  document.head.append(script);
})();
