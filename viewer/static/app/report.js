// Documents: ticks that choose projects, the progress of a job, and a single document without leaving its page.
(() => {
  "use strict";

  const job = document.getElementById("job");
  if (job) follow(job);
  const order = document.getElementById("order");
  if (order) tick(order);
  document.querySelectorAll("form.one-file").forEach(handOut);

  /** Ask how far a job is until it is over, then show its page anew. */
  function follow(box) {
    const bar = document.getElementById("job-bar");
    const told = document.getElementById("job-told");
    let wait = 700;
    const say = (words) => { if (told.textContent !== words) told.textContent = words; };
    const ask = async () => {
      try {
        const answer = await fetch(box.dataset.address, { cache: "no-store" });
        if (answer.status === 404) { location.reload(); return; }
        if (!answer.ok) throw new Error(String(answer.status));
        const now = await answer.json();
        if (now.state !== "running" && now.state !== "waiting") { location.reload(); return; }
        if (now.state !== box.dataset.state) { location.reload(); return; }
        if (now.state === "waiting") {
          say(box.dataset.waiting.replace("__n__", String(now.ahead)));
        } else if (now.of > 0) {
          bar.max = now.of;
          bar.value = now.done;
          say(`${now.done} / ${now.of}\u3000${now.doing}`);
        }
        wait = 1000;
      } catch (error) {
        say(box.dataset.lost);
        wait = Math.min(wait * 2, 15000);
      }
      setTimeout(ask, wait);
    };
    setTimeout(ask, wait);
  }

  /** A tick chooses "only those ticked"; the count stands beside it, and one button ticks all. */
  function tick(form) {
    const boxes = [...form.querySelectorAll("input[name=id]")];
    const count = document.getElementById("ticked-count");
    const only = form.querySelector("input[name=scope][value=ticked]");
    const every = form.querySelector("input[name=scope][value=every]");
    const all = document.getElementById("tick-all");
    const tell = () => {
      const ticked = boxes.filter((box) => box.checked).length;
      count.textContent = ticked ? `(${ticked})` : "";
      all.textContent = ticked === boxes.length ? all.dataset.none : all.dataset.all;
      return ticked;
    };
    boxes.forEach((box) => box.addEventListener("change", () => { (tell() ? only : every).checked = true; }));
    all.hidden = !boxes.length;
    all.addEventListener("click", () => {
      const on = boxes.some((box) => !box.checked);
      boxes.forEach((box) => { box.checked = on; });
      (tell() ? only : every).checked = true;
    });
    tell();
  }

  /** Fetch one document and hand it to the browser; whatever is not a document is shown as the page it is. */
  function handOut(form) {
    const told = form.querySelector(".one-file-told");
    let isPlain = false;
    form.addEventListener("submit", async (event) => {
      const button = event.submitter;
      if (isPlain || !button) return;
      event.preventDefault();
      if (form.getAttribute("aria-busy") === "true") return;
      if (button.value === "bundle") { send(button); return; }
      form.setAttribute("aria-busy", "true");
      told.textContent = form.dataset.making;
      try {
        const fields = new FormData(form);
        fields.set("kind", button.value);
        const answer = await fetch(form.action, { method: "POST", body: fields });
        const named = /filename=([\w.]+)/.exec(answer.headers.get("Content-Disposition") || "");
        if (!answer.ok || !named) { told.textContent = form.dataset.failed; send(button); return; }
        const address = URL.createObjectURL(await answer.blob());
        const link = document.createElement("a");
        link.href = address;
        link.download = named[1];
        link.click();
        setTimeout(() => URL.revokeObjectURL(address), 60000);
        told.textContent = form.dataset.made;
      } catch (error) {
        told.textContent = form.dataset.failed;
        send(button);
      } finally {
        form.removeAttribute("aria-busy");
      }
    });
    const send = (button) => { isPlain = true; form.requestSubmit(button); isPlain = false; };
  }
})();
