"use strict";
const LIMIT = 200;
const $ = (id) => document.getElementById(id);
const state = {messages: [], channel: "sms", conversation: "", mail: "", view: "html", replies: [], seen: ""};

function time(at) { return new Date(at).toLocaleString([], {weekday: "short", hour: "2-digit", minute: "2-digit"}); }
function many(n, what) { return `${n} ${what}${n === 1 ? "" : "s"}`; }
function wanted(m) { const f = $("filter").value.trim().toLowerCase(); return !f || m.to.toLowerCase().includes(f); }

async function list(path) {
  const answer = await fetch(path);
  return answer.ok ? answer.text() : "[]";
}

async function refresh() {
  const texts = await Promise.all([...["email", "sms", "whatsapp"].map((channel) => list(`messages?channel=${channel}&limit=${LIMIT}`)), list("replies")]);
  if (texts.join() === state.seen) return;
  state.seen = texts.join();
  const [email, sms, whatsapp, replies] = texts.map((text) => JSON.parse(text));
  state.messages = [...email, ...sms, ...whatsapp];
  state.replies = replies.map((one) => ({...one, mine: true, to: one.from}));
  draw();
}

function draw() {
  const shown = state.messages.filter(wanted);
  const by = (c) => shown.filter((m) => m.channel === c);
  $("summary").textContent = `${many(by("email").length, "mail")}, ${many(by("sms").length, "text")}, ${by("whatsapp").length} on WhatsApp` + (["email", "sms", "whatsapp"].some((c) => state.messages.filter((m) => m.channel === c).length >= LIMIT) ? ` (the latest ${LIMIT} of each)` : "");
  for (const c of ["sms", "whatsapp"]) { $(`count-${c}`).textContent = by(c).length; $(`tab-${c}`).setAttribute("aria-selected", String(state.channel === c)); }
  drawPhone(by(state.channel));
  drawInbox(by("email"));
}

function drawPhone(texts) {
  const all = texts.concat(state.replies.filter((m) => m.channel === state.channel && wanted(m))).sort((a, b) => b.received_at - a.received_at);
  const people = [...new Set(all.map((m) => m.to))];
  if (!people.includes(state.conversation)) state.conversation = people[0] || "";
  const select = $("conversation");
  if (people.join() !== [...select.options].map((o) => o.value).join()) select.replaceChildren(...people.map((p) => new Option(p, p)));
  select.value = state.conversation;
  $("text").disabled = $("answer").disabled = !state.conversation;
  $("text").placeholder = state.conversation ? "Answer as the customer…" : "Nobody has been written to yet";
  const thread = all.filter((m) => m.to === state.conversation).reverse();
  const box = $("thread");
  box.className = `thread ${state.channel}`;
  const other = box.dataset.of !== state.channel + state.conversation;
  box.dataset.of = state.channel + state.conversation;
  const atEnd = other || box.scrollHeight - box.scrollTop - box.clientHeight < 60;
  box.replaceChildren(...thread.map((m) => {
    const bubble = document.createElement("div");
    bubble.className = m.mine ? "bubble mine" : "bubble";
    bubble.textContent = m.text || (m.content_sid ? `Template ${m.content_sid}\n` + Object.entries(m.content_variables || {}).map(([k, v]) => `${k}: ${v}`).join("\n") : "");
    for (const url of m.media || []) { const line = document.createElement("em"); line.textContent = `Attachment: ${url}`; bubble.append(line); }
    const small = document.createElement("small");
    small.textContent = m.mine ? time(m.received_at) : `${m.from} · ${time(m.received_at)} · ${m.status}`;
    bubble.append(small);
    return bubble;
  }));
  if (atEnd) box.scrollTop = box.scrollHeight;
}

function drawInbox(mails) {
  $("nothing").hidden = mails.length > 0;
  if (!mails.some((m) => m.id === state.mail)) state.mail = mails[0] ? mails[0].id : "";
  const focused = document.activeElement && document.activeElement.dataset.mail;
  $("mails").replaceChildren(...mails.map((m) => {
    const item = document.createElement("li"), button = document.createElement("button");
    const subject = document.createElement("b"), line = document.createElement("span"), who = document.createElement("span");
    subject.textContent = m.subject; line.textContent = m.preheader || ""; who.textContent = `${time(m.received_at)} · to ${m.to}`;
    button.append(subject, line, who);
    button.dataset.mail = m.id;
    button.setAttribute("aria-current", String(m.id === state.mail));
    button.onclick = () => { state.mail = m.id; draw(); };
    item.append(button);
    return item;
  }));
  if (focused) [...$("mails").querySelectorAll("button")].find((b) => b.dataset.mail === focused)?.focus();
  const mail = mails.find((m) => m.id === state.mail);
  $("mail").hidden = !mail;
  if (mail) drawMail(mail);
}

function drawMail(mail) {
  $("subject").textContent = mail.subject; $("from").textContent = mail.from; $("to").textContent = mail.to; $("when").textContent = time(mail.received_at); $("state").textContent = mail.status;
  const frame = $("html");
  if (frame.dataset.id !== mail.id) { frame.dataset.id = mail.id; frame.srcdoc = `<base target="_blank">${mail.html || ""}`; }
  $("plain").textContent = mail.text || "";
  $("headers").replaceChildren(...Object.entries({...mail.headers, Intent: mail.intent || ""}).flatMap(([name, value]) => {
    const dt = document.createElement("dt"), dd = document.createElement("dd");
    dt.textContent = name; dd.textContent = value;
    return [dt, dd];
  }));
  frame.hidden = state.view !== "html"; $("plain").hidden = state.view !== "text"; $("headers").hidden = state.view !== "headers";
  document.querySelectorAll("[data-view]").forEach((b) => b.setAttribute("aria-selected", String(b.dataset.view === state.view)));
}

async function post(path, body) {
  const answer = await fetch(path, {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body)});
  $("told").textContent = answer.ok ? "" : (await answer.json()).detail;
}

$("filter").oninput = draw;
for (const c of ["sms", "whatsapp"]) $(`tab-${c}`).onclick = () => { state.channel = c; draw(); };
$("conversation").onchange = (e) => { state.conversation = e.target.value; draw(); };
document.querySelectorAll("[data-view]").forEach((b) => { b.onclick = () => { state.view = b.dataset.view; draw(); }; });
document.querySelectorAll("[data-event]").forEach((b) => { b.onclick = () => post("receipt", {id: state.mail, event: b.dataset.event}); });
$("mails").onkeydown = (e) => {
  const step = {ArrowDown: 1, ArrowUp: -1}[e.key], buttons = [...$("mails").querySelectorAll("button")];
  if (!step || !buttons.length) return;
  e.preventDefault();
  const next = buttons[Math.min(Math.max(buttons.indexOf(document.activeElement) + step, 0), buttons.length - 1)];
  next.focus();
  next.click();
};
$("reply").onsubmit = async (e) => {
  e.preventDefault();
  const text = $("text").value.trim();
  if (!text || !state.conversation) return;
  $("text").value = "";
  await post("reply", {channel: state.channel, from: state.conversation, text});
  await refresh();
};
const stream = new EventSource("stream");
let timer = 0;
stream.onmessage = () => { if (!timer) timer = setTimeout(() => { timer = 0; refresh(); }, 300); };
setInterval(() => { if (stream.readyState !== EventSource.OPEN) refresh().catch(() => {}); }, 3000); // no stream: ask
refresh();
