"use strict";
const LIMIT = 200;
const $ = (id) => document.getElementById(id);
const state = {messages: [], channel: "sms", conversation: "", mail: "", view: "html", mine: []};

function time(at) { return new Date(at).toLocaleString([], {weekday: "short", hour: "2-digit", minute: "2-digit"}); }
function wanted(m) { const f = $("filter").value.trim().toLowerCase(); return !f || m.to.toLowerCase().includes(f); }

async function refresh() {
  const found = await Promise.all(["email", "sms", "whatsapp"].map(async (channel) => {
    const answer = await fetch(`messages?channel=${channel}&limit=${LIMIT}`);
    return answer.ok ? answer.json() : [];
  }));
  state.messages = found.flat();
  draw();
}

function draw() {
  const shown = state.messages.filter(wanted);
  const by = (c) => shown.filter((m) => m.channel === c);
  $("summary").textContent = `${by("email").length} mails, ${by("sms").length} texts, ${by("whatsapp").length} on WhatsApp` + (state.messages.length >= LIMIT ? ` (the latest ${LIMIT} of each)` : "");
  for (const c of ["sms", "whatsapp"]) { $(`count-${c}`).textContent = by(c).length; $(`tab-${c}`).setAttribute("aria-selected", String(state.channel === c)); }
  drawPhone(by(state.channel));
  drawInbox(by("email"));
}

function drawPhone(texts) {
  const people = [...new Set(texts.map((m) => m.to))];
  if (!people.includes(state.conversation)) state.conversation = people[0] || "";
  const select = $("conversation");
  select.replaceChildren(...people.map((p) => new Option(p, p, false, p === state.conversation)));
  const said = state.mine.filter((m) => m.channel === state.channel && m.to === state.conversation);
  const thread = texts.filter((m) => m.to === state.conversation).concat(said).sort((a, b) => a.received_at - b.received_at);
  const box = $("thread");
  box.className = `thread ${state.channel}`;
  const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 60;
  box.replaceChildren(...thread.map((m) => {
    const bubble = document.createElement("div");
    bubble.className = m.mine ? "bubble mine" : "bubble";
    bubble.textContent = m.text || (m.content_sid ? `Template ${m.content_sid}\n` + Object.entries(m.content_variables || {}).map(([k, v]) => `${k}: ${v}`).join("\n") : "");
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
  $("mails").replaceChildren(...mails.map((m) => {
    const item = document.createElement("li"), button = document.createElement("button");
    const subject = document.createElement("b"), line = document.createElement("span"), who = document.createElement("span");
    subject.textContent = m.subject; line.textContent = m.preheader || ""; who.textContent = `${m.to} · ${time(m.received_at)}`;
    button.append(subject, line, who);
    button.setAttribute("aria-current", String(m.id === state.mail));
    button.onclick = () => { state.mail = m.id; draw(); };
    item.append(button);
    return item;
  }));
  const mail = mails.find((m) => m.id === state.mail);
  $("mail").hidden = !mail;
  if (mail) drawMail(mail);
}

function drawMail(mail) {
  $("subject").textContent = mail.subject; $("from").textContent = mail.from; $("to").textContent = mail.to; $("when").textContent = time(mail.received_at);
  const frame = $("html");
  if (frame.dataset.id !== mail.id) { frame.dataset.id = mail.id; frame.srcdoc = mail.html || ""; }
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
  await fetch(path, {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body)});
}

$("filter").oninput = draw;
for (const c of ["sms", "whatsapp"]) $(`tab-${c}`).onclick = () => { state.channel = c; draw(); };
$("conversation").onchange = (e) => { state.conversation = e.target.value; draw(); };
document.querySelectorAll("[data-view]").forEach((b) => { b.onclick = () => { state.view = b.dataset.view; draw(); }; });
document.querySelectorAll("[data-event]").forEach((b) => { b.onclick = () => post("receipt", {id: state.mail, event: b.dataset.event}); });
$("reply").onsubmit = async (e) => {
  e.preventDefault();
  const text = $("text").value.trim();
  if (!text || !state.conversation) return;
  state.mine.push({mine: true, channel: state.channel, to: state.conversation, text, received_at: Date.now()});
  $("text").value = "";
  await post("reply", {channel: state.channel, from: state.conversation, text});
  draw();
};
const stream = new EventSource("stream");
let timer = 0;
stream.onmessage = () => { clearTimeout(timer); timer = setTimeout(refresh, 150); };
stream.onerror = () => setTimeout(refresh, 3000);
refresh();
