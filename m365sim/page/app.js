"use strict";

// The page of the simulator: a view of /sim, drawn anew every two seconds
// unless nothing changed.

const main = document.getElementById("main");
const state = { mailbox: "", folder: "inbox", message: "", raw: false, users: [], drawn: "" };

/** go changes the address, which holds what is shown: #mail/mailbox/folder/message. */
function go(...parts) {
  location.hash = parts.map(encodeURIComponent).join("/");
}

/** where reads the address into the state and returns the name of the view. */
function where() {
  const [name, ...rest] = location.hash.slice(1).split("/").map(decodeURIComponent);
  if (name === "outbox") state.message = rest[0] || "";
  if (name === "mail") [state.mailbox, state.folder, state.message] = [rest[0] || state.mailbox, rest[1] || "inbox", rest[2] || ""];
  return name in views ? name : "mail";
}

/** h makes an element; text is always text, never HTML. */
function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  for (const child of children.flat(Infinity)) {
    if (child != null && child !== false) element.append(child);
  }
  return element;
}

async function api(method, path, body) {
  const answer = await fetch("/sim/" + path, {
    method,
    headers: body ? { "Content-Type": "application/json" } : {},
    body: body ? JSON.stringify(body) : undefined,
  });
  const text = await answer.text();
  let value = null;
  try { value = text ? JSON.parse(text) : null; } catch { value = text; }
  if (!answer.ok) throw new Error((value && value.error) || text || answer.statusText);
  return value;
}

let toastTimer;
function toast(text) {
  const element = document.getElementById("toast");
  element.textContent = text;
  element.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { element.hidden = true; }, 4000);
}

async function attempt(what, done) {
  try {
    await what();
    if (done) toast(done);
    await draw(true);
  } catch (problem) {
    toast(problem.message);
  }
}

function time(text) {
  return h("time", { datetime: text, title: text }, new Date(text).toLocaleString([], { dateStyle: "short", timeStyle: "medium" }));
}

const mailboxPath = (address) => "mailboxes/" + encodeURIComponent(address);
const messagePath = (id) => mailboxPath(state.mailbox) + "/messages/" + encodeURIComponent(id);

/* Mail: mailboxes and folders, the list, one mail. */

async function mailView() {
  const boxes = state.users.filter((user) => user.mailbox);
  if (!state.mailbox && boxes.length) state.mailbox = boxes[0].user_principal_name;
  const [folders, list] = await Promise.all([
    api("GET", mailboxPath(state.mailbox) + "/folders"),
    api("GET", mailboxPath(state.mailbox) + "/messages?limit=200&folder=" + encodeURIComponent(state.folder)),
  ]);
  const chosen = list.messages.find((message) => message.id === state.message);
  const rawText = chosen && state.raw ? await (await fetch("/sim/" + messagePath(chosen.id) + "/raw")).text() : "";
  return {
    seen: JSON.stringify([boxes, folders, list, state, rawText]),
    build: () => h("div", { class: "mail" },
      h("div", { class: "list", role: "group", "aria-label": "Mailboxes" }, boxes.map((user) => mailboxEntry(user, folders.folders))),
      h("div", { class: "list", role: "group", "aria-label": "Mails" }, list.messages.length
        ? list.messages.map(messageEntry)
        : h("p", { class: "empty" }, "No mail in this folder. Write one as a stranger.")),
      chosen ? reading(chosen, rawText) : h("p", { class: "empty" }, "Choose a mail to read it.")),
  };
}

function mailboxEntry(user, folders) {
  const current = user.user_principal_name === state.mailbox;
  const choose = (folder) => () => go("mail", user.user_principal_name, folder);
  return [
    h("button", { "aria-current": current, title: user.user_principal_name, onclick: choose("inbox") },
      h("span", { class: "row" }, h("span", { class: user.unread ? "unread" : "" }, user.display_name), user.unread ? h("span", { class: "count" }, user.unread) : null),
      h("span", { class: "soft cut" }, user.user_principal_name)),
    current && h("div", { class: "folders" }, folders.filter((f) => f.total || ["inbox", "sentitems", "drafts"].includes(f.well_known) || !f.well_known).map((f) => {
      const name = f.well_known || f.name;
      return h("button", { "aria-pressed": String(name === state.folder), onclick: choose(name) },
        h("span", { class: "row" }, h("span", {}, f.name), h("span", { class: f.unread ? "count" : "soft" }, f.unread || f.total || "")));
    })),
  ];
}

function messageEntry(message) {
  const outgoing = ["sentitems", "drafts"].includes(state.folder);
  return h("button", {
    "aria-pressed": String(message.id === state.message), class: message.is_read ? "" : "unread",
    onclick: () => go("mail", state.mailbox, state.folder, message.id),
  },
    h("span", { class: "row" }, h("span", {}, outgoing ? "To " + message.to.join(", ") : message.from_name || message.from || "(nobody)"), message.has_attachments ? h("span", { class: "soft" }, "attachment") : null),
    h("span", { class: "row" }, h("span", {}, message.subject || "(no subject)")),
    h("span", { class: "soft" }, time(message.received_at)));
}

function reading(message, rawText) {
  const line = (name, value) => (value ? [h("dt", {}, name), h("dd", {}, value)] : []);
  const files = message.attachments.filter((file) => !file.inline);
  return h("article", { class: "reading" },
    h("h2", {}, message.subject || "(no subject)"),
    h("dl", {},
      line("From", message.from_name && message.from_name !== message.from ? message.from_name + " <" + message.from + ">" : message.from),
      line("To", message.to.join(", ")), line("Cc", message.cc.join(", ")), line("Bcc", message.bcc.join(", ")),
      line("Received", time(message.received_at)),
      line("Message-ID", message.internet_message_id), line("In-Reply-To", message.in_reply_to), line("References", message.references),
      files.length ? [h("dt", {}, "Attachments"), h("dd", {}, files.map((file, i) => [i ? ", " : "",
        file.id ? h("a", { href: "/sim/" + messagePath(message.id) + "/attachments/" + encodeURIComponent(file.id) }, file.name) : file.name,
        " (" + file.size.toLocaleString() + " bytes)"]).flat())] : []),
    h("div", { class: "actions" },
      h("button", { onclick: () => compose({ to: message.from === state.mailbox ? message.from : state.mailbox, answering: message }) }, "Answer as a stranger"),
      h("button", { onclick: () => { state.raw = !state.raw; draw(true); } }, state.raw ? "Show as mail" : "Show source"),
      message.id.length > 20 && [
        h("button", { onclick: () => attempt(() => api("PATCH", messagePath(message.id), { is_read: !message.is_read })) }, message.is_read ? "Mark unread" : "Mark read"),
        h("button", { onclick: () => attempt(() => api("DELETE", messagePath(message.id)), "Deleted, as a person in Outlook would.") }, "Delete"),
      ]),
    state.raw ? h("pre", { class: "raw" }, rawText) : body(message));
}

/** body shows HTML where it can neither run nor reach the network. */
function body(message) {
  if (message.body_type !== "html") return h("pre", {}, message.body);
  const frame = h("iframe", { sandbox: true, title: "The mail", srcdoc: message.body });
  inlineImages(message).then((html) => { if (html !== message.body) frame.srcdoc = html; });
  return frame;
}

async function inlineImages(message) {
  let html = message.body;
  for (const file of message.attachments.filter((f) => f.id && f.content_id && f.content_type.startsWith("image/"))) {
    const blob = await (await fetch("/sim/" + messagePath(message.id) + "/attachments/" + encodeURIComponent(file.id))).blob();
    html = html.replaceAll("cid:" + file.content_id, "data:" + file.content_type + ";base64," + (await base64(blob)));
  }
  return html;
}

function base64(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ""));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

/* What left the organisation. */

async function outboxView() {
  const list = await api("GET", "outbox");
  const chosen = list.messages.find((message) => message.id === state.message);
  const rawText = chosen && state.raw ? await (await fetch("/sim/outbox/" + chosen.id + "/raw")).text() : "";
  return {
    seen: JSON.stringify([list, state.message, state.raw, rawText]),
    build: () => h("div", { class: "mail" },
      h("div", { class: "empty" }, "Mail to addresses outside the organisation ends here instead of leaving this machine."),
      h("div", { class: "list" }, list.messages.length ? list.messages.map((message) => h("button", {
        "aria-pressed": String(message.id === state.message), onclick: () => go("outbox", message.id),
      },
        h("span", { class: "row" }, h("span", {}, "To " + message.recipients.join(", "))),
        h("span", { class: "row" }, h("span", {}, message.subject || "(no subject)")),
        h("span", { class: "soft" }, message.from + " · ", time(message.sent_at)))) : h("p", { class: "empty" }, "Nothing was sent outside yet.")),
      chosen ? outside(chosen, rawText) : h("p", { class: "empty" }, "Choose a mail to read it.")),
  };
}

function outside(message, rawText) {
  return reading({ ...message, bcc: [] }, rawText);
}

/* People and their presence. */

const availabilities = ["Available", "Busy", "DoNotDisturb", "BeRightBack", "Away", "Offline"];

function peopleView() {
  return {
    seen: JSON.stringify(state.users),
    build: () => h("div", { class: "page" }, h("section", {}, h("h2", {}, "People"),
      h("table", {}, h("thead", {}, h("tr", {}, ["Name", "Account", "Notes", "Presence in Teams"].map((name) => h("th", {}, name)))),
        h("tbody", {}, state.users.map((user) => h("tr", {},
          h("td", {}, user.display_name), h("td", {}, user.user_principal_name),
          h("td", { class: "soft" }, [user.job_title, user.admin && "administrator", user.mfa && "needs a second factor", user.disabled && "disabled", !user.mailbox && "no mailbox"].filter(Boolean).join(", ")),
          h("td", {}, h("select", {
            "aria-label": "Presence of " + user.display_name,
            onchange: (event) => attempt(() => api("PUT", "users/" + encodeURIComponent(user.user_principal_name) + "/presence", { availability: event.target.value })),
          }, availabilities.map((name) => h("option", { selected: name === user.presence.availability }, name)))))))))),
  };
}

/* Faults, secrets, clock, subscriptions. */

const faults = [
  // An access token got before would hide the expired secret for up to an hour.
  ["Expire the client secret", "Entra answers AADSTS7000222 to the secrets made so far, until the fault is ended or a new secret is used; access tokens run out at once.", { kind: "expire_secrets" }, { kind: "expire_tokens" }],
  ["Revoke consent", "Refresh tokens are refused and subscriptions removed; somebody must sign in again.", { kind: "revoke_grants" }],
  ["Expire access tokens", "Graph answers 401 to tokens issued so far.", { kind: "expire_tokens" }],
  ["Throttle for a minute", "429 with Retry-After: 10.", { kind: "throttle", retry_after: 10, duration: "1m" }],
  ["Throttle without Retry-After", "429 that does not say when to come back, for a minute.", { kind: "throttle", duration: "1m" }],
  ["Outage for a minute", "All of Microsoft answers 503; notifications wait.", { kind: "outage", duration: "1m" }],
  ["Server errors for a minute", "503 for half of the requests.", { kind: "server_errors", probability: 0.5, duration: "1m" }],
  ["Slow for a minute", "Each answer takes two seconds longer.", { kind: "slow", delay: "2s", duration: "1m" }],
  ["Cut the next mail", "The connection breaks in the middle of the next MIME.", { kind: "cut", count: 1 }],
  ["Break the next answer", "200 with half of the JSON.", { kind: "broken_body", count: 1 }],
  ["Drop notifications", "Change notifications are lost for five minutes.", { kind: "drop_notifications", duration: "5m" }],
  ["Double notifications", "Each comes twice, for five minutes.", { kind: "duplicate_notifications", duration: "5m" }],
  ["Delay notifications", "Each comes 30 seconds late, for five minutes.", { kind: "delay_notifications", delay: "30s", duration: "5m" }],
  ["Expire delta tokens", "Delta links answer 410 and start again.", { kind: "expire_delta_tokens" }],
  ["Delete before fetch", "The next mail is gone when it is fetched.", { kind: "delete_before_fetch", count: 1 }],
  ["Consent without Mail.Send", "The next consent leaves a permission out.", { kind: "missing_scope", scopes: ["Mail.Send"], count: 1 }],
];

async function faultsView() {
  const [inForce, applications, clock, subscriptions] = await Promise.all([api("GET", "faults"), api("GET", "applications"), api("GET", "clock"), api("GET", "subscriptions")]);
  return {
    seen: JSON.stringify([inForce, applications, clock.offset, subscriptions]),
    build: () => h("div", { class: "page" },
      h("section", {}, h("h2", {}, "What shall go wrong"), h("div", { class: "faults" }, faults.map(([name, words, ...kinds]) =>
        h("button", { onclick: () => attempt(() => Promise.all(kinds.map((kind) => api("POST", "faults", kind))), name + ": done.") }, h("b", {}, name), h("span", { class: "soft" }, words))))),
      h("section", {}, h("div", { class: "toolbar" }, h("h2", { style: "margin:0" }, "In force"),
        inForce.faults.length ? h("button", { onclick: () => attempt(() => api("DELETE", "faults"), "All is well again.") }, "End all") : null),
        inForce.faults.length ? h("table", {}, h("tbody", {}, inForce.faults.map((fault) => h("tr", {},
          h("td", { class: "warn" }, fault.kind), h("td", { class: "soft" }, [fault.mailbox, fault.delay, fault.duration && "for " + fault.duration].filter(Boolean).join(", ")),
          h("td", {}, "struck " + fault.struck + " times"),
          h("td", {}, h("button", { onclick: () => attempt(() => api("DELETE", "faults/" + fault.id)) }, "End")))))) : h("p", { class: "soft" }, "Nothing is wrong.")),
      applications.applications.map(applicationSection),
      h("section", {}, h("h2", {}, "Clock"), h("p", {}, "It is ", time(clock.now), clock.offset === "0s" ? "." : ", " + clock.offset + " ahead of this machine."),
        h("div", { class: "actions" }, ["10m", "1h", "24h", "168h"].map((advance) => h("button", { onclick: () => attempt(() => api("POST", "clock", { advance })) }, "Advance " + advance)),
          h("button", { onclick: () => attempt(() => api("POST", "clock", { reset: true })) }, "Set back"))),
      h("section", {}, h("h2", {}, "Subscriptions"), subscriptions.subscriptions.length ? h("table", {},
        h("thead", {}, h("tr", {}, ["Mailbox", "Resource", "Changes", "Expires", "Waiting"].map((name) => h("th", {}, name)))),
        h("tbody", {}, subscriptions.subscriptions.map((s) => h("tr", {}, h("td", {}, s.mailbox), h("td", {}, s.resource), h("td", {}, s.changeType), h("td", {}, time(s.expirationDateTime)), h("td", {}, String(s.undelivered)))))) : h("p", { class: "soft" }, "Nobody has subscribed."))),
  };
}

function applicationSection(application) {
  const path = "applications/" + application.client_id + "/secrets";
  return h("section", {}, h("h2", {}, "Application " + application.display_name),
    h("p", { class: "soft" }, "client id " + application.client_id + ", tenant " + application.tenant_id),
    h("table", {}, h("tbody", {}, application.secrets.map((secret) => h("tr", {}, h("td", {}, secret.value), h("td", {}, "expires ", time(secret.expires_at)),
      h("td", {}, h("button", { onclick: () => attempt(() => api("PATCH", path + "/" + encodeURIComponent(secret.id), { expires_in: "-1s" }), "The secret has expired.") }, "Expire"), " ",
        h("button", { onclick: () => attempt(() => api("DELETE", path + "/" + encodeURIComponent(secret.id)), "The secret is gone.") }, "Delete")))))),
    application.certificates.length ? h("table", {}, h("tbody", {}, application.certificates.map((certificate) => h("tr", {}, h("td", {}, certificate.thumbprint),
      h("td", {}, certificate.subject, ", expires ", time(certificate.expires_at)),
      h("td", {}, h("button", { onclick: () => attempt(() => api("DELETE", "applications/" + application.client_id + "/certificates/" + certificate.thumbprint), "The certificate is gone.") }, "Delete")))))) : null,
    h("p", {}, h("label", { class: "button" }, "Upload a certificate ", h("input", { type: "file", accept: ".pem,.cer,.crt", onchange: (event) => uploadCertificate(application, event.target.files[0]) }))),
    h("p", {}, h("button", { onclick: () => attempt(() => api("POST", path, { expires_in: "4320h" }), "A new secret was added.") }, "Add a secret")));
}

/* A certificate comes as PEM, or as DER, which is put into PEM. */
async function uploadCertificate(application, file) {
  if (!file) return;
  const bytes = new Uint8Array(await file.arrayBuffer());
  const text = new TextDecoder().decode(bytes);
  const pem = text.includes("BEGIN CERTIFICATE") ? text
    : "-----BEGIN CERTIFICATE-----\n" + btoa(String.fromCharCode(...bytes)).replace(/.{64}/g, "$&\n") + "\n-----END CERTIFICATE-----\n";
  attempt(() => api("POST", "applications/" + application.client_id + "/certificates", { pem }), "The certificate is registered.");
}

/* The last requests. */

async function requestsView() {
  const { requests, counts } = await api("GET", "requests?limit=200");
  return {
    seen: JSON.stringify(counts),
    build: () => h("div", { class: "page" }, h("section", {},
      h("div", { class: "toolbar" }, h("h2", { style: "margin:0" }, "Requests"),
        h("span", { class: "soft" }, counts.round_trips.toLocaleString() + " round trips, " + counts.counted.toLocaleString() + " requests as Microsoft counts them"),
        h("button", { onclick: () => attempt(() => api("DELETE", "requests")) }, "Clear")),
      h("table", {}, h("thead", {}, h("tr", {}, ["Time", "Request", "Mailbox", "Status", "ms"].map((name) => h("th", {}, name)))),
        h("tbody", {}, requests.reverse().map((r) => h("tr", {}, h("td", {}, new Date(r.time).toLocaleTimeString()),
          h("td", {}, (r.batch_id ? "↳ " : "") + r.method + " " + decodeURIComponent(r.path) + (r.query ? "?" + r.query : "")),
          h("td", {}, r.mailbox || ""), h("td", { class: r.status < 400 ? "good" : "bad" }, String(r.status)), h("td", {}, r.duration_ms.toFixed(1)))))))),
  };
}

/* Writing as a stranger. */

const dialog = document.getElementById("compose");
const form = document.getElementById("compose-form");
let answering = null;

function compose({ to, answering: mail } = {}) {
  answering = mail || null;
  form.to.value = to || state.mailbox || "";
  form.subject.value = mail ? (/^re:/i.test(mail.subject) ? mail.subject : "Re: " + mail.subject) : "";
  form.text.value = "";
  form.files.value = "";
  const thread = document.getElementById("compose-thread");
  thread.hidden = !mail;
  thread.textContent = mail ? "In reply to " + mail.internet_message_id : "";
  document.getElementById("compose-problem").hidden = true;
  dialog.showModal();
  (form.to.value ? form.subject : form.to).focus();
}

async function send() {
  const attachments = await Promise.all([...form.files.files].map(async (file) => ({ name: file.name, content_type: file.type, content: await base64(file) })));
  await api("POST", "mail", {
    from_name: form.from_name.value, from: form.from.value, to: form.to.value.split(/[,;\s]+/).filter(Boolean),
    subject: form.subject.value, text: form.text.value, attachments,
    in_reply_to: answering ? answering.internet_message_id : "", references: answering ? answering.references : "",
  });
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    await send();
    dialog.close();
    toast("The mail was delivered.");
    draw(true);
  } catch (problem) {
    const element = document.getElementById("compose-problem");
    element.textContent = problem.message;
    element.hidden = false;
  }
});
document.getElementById("compose-cancel").addEventListener("click", () => dialog.close());
document.getElementById("write").addEventListener("click", () => compose());

/* Drawing. */

const views = { mail: mailView, outbox: outboxView, people: peopleView, faults: faultsView, requests: requestsView };

async function draw(force) {
  const name = where();
  for (const link of document.querySelectorAll("#tabs a")) {
    if (link.hash === "#" + name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  try {
    state.users = (await api("GET", "users")).users;
    const view = await views[name]();
    if (where() !== name) return; // left meanwhile
    if (!force && state.drawn === name + view.seen) return;
    state.drawn = name + view.seen;
    const scrolls = [...main.querySelectorAll(".list, .page")].map((element) => element.scrollTop);
    main.replaceChildren(view.build());
    [...main.querySelectorAll(".list, .page")].forEach((element, i) => { element.scrollTop = scrolls[i] || 0; });
  } catch (problem) {
    if (!main.hasChildNodes()) main.replaceChildren(h("p", { class: "empty problem" }, "The simulator does not answer: " + problem.message));
  }
}

window.addEventListener("hashchange", () => { state.raw = false; draw(true); });
setInterval(() => { if (!dialog.open && !document.hidden && document.activeElement?.tagName !== "SELECT") draw(false); }, 2000);

api("GET", "status").then((status) => { document.getElementById("organisation").textContent = "· " + status.organisation + " (" + status.domain + ")"; });
api("GET", "users").then(({ users }) => {
  document.getElementById("addresses").replaceChildren(...users.filter((user) => user.mailbox).map((user) => h("option", { value: user.user_principal_name }, user.display_name)));
});
draw(true);
