// A client that behaves as the public CDS Hooks Sandbox was observed to, its defects included.
"use strict";

const SANDBOX = "https://sandbox.cds-hooks.org";
const KID = "44823f3d-0b01-4a6c-a80e-b9d3e8a7226f";
const USER = "Practitioner/COREPRACTITIONER1";
const URGENCY = { info: 0, warning: 1, critical: 2 };
const COLOURS = { info: "#0079be", warning: "#ffae42", critical: "#c00" };
const NO_ANSWER = "Could not get a response from the CDS Service.";

const state = { services: {}, patient: null, drafts: [], exchanges: [] };
window.state = state;
const asked = new URLSearchParams(location.search);

// What the address says is kept: a page without parameters shows the same again.
function remembered(name) {
  const found = asked.get(name) || localStorage.getItem(`PERSISTED_${name}`) || "";
  localStorage.setItem(`PERSISTED_${name}`, found);
  return found;
}

const fhirServer = remembered("fhirServiceUrl");
const patientId = remembered("patientId");
let hook = remembered("hook") || "patient-view";

function base64url(bytes) {
  const text = btoa(String.fromCharCode(...new Uint8Array(bytes)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

async function token(audience) {
  const encoder = new TextEncoder();
  const now = Math.round(Date.now() / 1000);
  const jwk = await (await fetch("/private-key.json")).json();
  const key = await crypto.subtle.importKey(
    "jwk", jwk, { name: "ECDSA", namedCurve: "P-384" }, false, ["sign"]);
  const header = { alg: "ES384", typ: "JWT", kid: KID, jku: `${SANDBOX}/.well-known/jwks.json` };
  const claims = {
    iss: SANDBOX, aud: audience, iat: now, exp: now + 300, jti: crypto.randomUUID() };
  const signed = [header, claims]
    .map((part) => base64url(encoder.encode(JSON.stringify(part)))).join(".");
  const signature = await crypto.subtle.sign(
    { name: "ECDSA", hash: "SHA-384" }, key, encoder.encode(signed));
  return `${signed}.${base64url(signature)}`;
}

async function authorized(audience, options = {}) {
  const headers = {
    Accept: "application/json", ...options.headers, Authorization: `Bearer ${await token(audience)}` };
  return fetch(audience, { ...options, headers });
}

async function fhir(path, options = {}) {
  const headers = { Accept: "application/json+fhir", ...options.headers };
  const answer = await fetch(`${fhirServer}/${path}`, { ...options, headers });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

// Defect: parameters of one name are merged to a comma list, which is an OR.
function merged(query) {
  const values = {};
  for (const [name, value] of new URLSearchParams(query)) {
    values[name] = name in values ? `${values[name]},${value}` : value;
  }
  return new URLSearchParams(values).toString();
}

function filled(template) {
  return template
    .replaceAll(/{{\s*context\.patientId\s*}}/g, patientId)
    .replaceAll(/{{\s*context\.userId\s*}}/g, USER)
    .replaceAll(/{{\s*userPractitionerId\s*}}/g, USER.split("/")[1])
    .replaceAll(/{{\s*today\(\)\s*}}/g, new Date().toISOString().slice(0, 10));
}

async function prefetched(template) {
  const [path, query] = filled(template).split("?");
  if (query === undefined) return fhir(path);
  const form = merged(query);
  try {
    return await fhir(`${path}/_search`, {
      method: "POST",
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
      body: form,
    });
  } catch {
    return fhir(`${path}?${form}`);
  }
}

// Defect: what fails is left out; null is never sent.
async function prefetch(service) {
  const found = {};
  await Promise.all(Object.entries(service.prefetch || {}).map(async ([key, template]) => {
    try {
      const resource = await prefetched(template);
      if (resource && Object.keys(resource).length) found[key] = resource;
    } catch (fault) {
      console.log(`Unable to prefetch ${key}`, fault);
    }
  }));
  return found;
}

async function discover() {
  for (const discovery of remembered("serviceDiscoveryURL").split(",").filter(Boolean)) {
    try {
      const answer = await authorized(discovery);
      const { services } = await answer.json();
      // Defect: kept by address, so that of two hooks under one id the last wins.
      for (const service of services) state.services[`${discovery}/${service.id}`] = service;
    } catch (fault) {
      console.error("Could not retrieve any services at discovery endpoint", fault);
    }
  }
  document.querySelector("#services").textContent = Object.keys(state.services).join(" ");
}

async function ask(url, service, context) {
  const request = {
    hookInstance: crypto.randomUUID(),
    hook,
    fhirServer,
    context: { patientId, userId: USER, ...context },
  };
  const found = await prefetch(service);
  if (Object.keys(found).length) request.prefetch = found;
  try {
    const answer = await authorized(url, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(request),
    });
    if (!answer.ok) throw new Error(String(answer.status));
    const response = await answer.json();
    state.exchanges.push({ url, request, response });
    return response.cards.map((card) => ({ ...card, serviceUrl: url }));
  } catch (fault) {
    state.exchanges.push({ url, request, response: NO_ANSWER });
    return null;
  }
}

async function call(context = {}) {
  const called = Object.entries(state.services).filter(([, service]) => service.hook === hook);
  const answers = await Promise.all(called.map(([url, service]) => ask(url, service, context)));
  await show(answers.flatMap((cards) => cards || []), answers.includes(null));
  document.body.dataset.shown = hook;
}

async function feedback(card, said) {
  const url = `${card.serviceUrl}/feedback`;
  const item = { card: card.uuid, ...said, outcomeTimestamp: new Date().toISOString() };
  const answer = await authorized(url, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ feedback: [item] }),
  });
  state.exchanges.push({ url, request: item, response: answer.status });
  document.body.dataset.told = String(answer.status);
}

// Markdown as far as cards use it. Raw HTML goes through, as it does in the Sandbox.
function markdown(text) {
  const inline = (line) => line
    .replaceAll(/\\([\\`*_{}[\]()#+.!|<>&~-])/g, (_, sign) => `&#${sign.charCodeAt(0)};`)
    .replaceAll(/\*\*(.+?)\*\*/g, "<strong>$1</strong>")
    .replaceAll(/\[([^\]]+)\]\(([^)\s]+)\)/g, '<a href="$2">$1</a>');
  return text.split("\n\n").map((block) => {
    const lines = block.split("\n");
    if (!lines.every((line) => line.startsWith("- "))) return `<p>${inline(block)}</p>`;
    return `<ul>${lines.map((line) => `<li>${inline(line.slice(2))}</li>`).join("")}</ul>`;
  }).join("");
}

function button(label, pressed, name) {
  const made = document.createElement("button");
  made.textContent = label;
  made.className = name;
  made.addEventListener("click", pressed);
  return made;
}

function suggestionButton(card, suggestion) {
  return button(suggestion.label, () => {
    if (card.uuid && suggestion.uuid) {
      feedback(card, { outcome: "accepted", acceptedSuggestions: [{ id: suggestion.uuid }] });
    }
    if (hook === "patient-view") return;
    // Only a medication of the first action is understood.
    const resource = (suggestion.actions || [{}])[0].resource || {};
    if (resource.medicationCodeableConcept) state.drafts = [resource];
  }, "suggestion");
}

async function linkButton(link) {
  const made = button(link.label, () => window.open(made.dataset.url, "_blank"), "link");
  made.dataset.url = link.url;
  if (link.type !== "smart") return made;
  try {
    const launch = await fhir("_services/smart/Launch", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ launchUrl: link.url, parameters: { patient: patientId } }),
    });
    made.dataset.url = `${link.url}?launch=${launch.launch_id}&iss=${fhirServer}`;
  } catch {
    made.disabled = true;
  }
  return made;
}

function dismissal(card) {
  const made = document.createElement("div");
  const choice = document.createElement("select");
  for (const reason of card.overrideReasons || []) choice.add(new Option(reason.display, reason.code));
  if (card.overrideReasons) made.append(choice);
  made.append(button("Dismiss", () => {
    const reason = (card.overrideReasons || []).find((each) => each.code === choice.value);
    // The reason goes back without its display.
    const said = reason ? { overrideReason: { reason: { code: reason.code, system: reason.system } } } : {};
    feedback(card, { outcome: "overridden", ...said });
    made.parentElement.remove();
  }, "dismiss"));
  return made;
}

async function shown(card) {
  const made = document.createElement("article");
  made.dataset.indicator = card.indicator;
  const summary = document.createElement("h2");
  summary.textContent = card.summary;
  summary.style.color = COLOURS[card.indicator];
  const source = document.createElement("a");
  source.textContent = card.source.label;
  source.href = card.source.url || "#";
  const detail = document.createElement("div");
  detail.className = "detail";
  detail.innerHTML = markdown(card.detail || "");
  made.append(summary, source, detail);
  made.append(...(card.suggestions || []).map((each) => suggestionButton(card, each)));
  made.append(...await Promise.all((card.links || []).map(linkButton)));
  if (card.uuid) made.append(dismissal(card));
  return made;
}

async function show(cards, hasFailed) {
  cards.sort((one, other) => URGENCY[other.indicator] - URGENCY[one.indicator]);
  const made = await Promise.all(cards.map(shown));
  const box = document.querySelector("#cards");
  box.replaceChildren(...made);
  if (hasFailed) box.append(NO_ANSWER);
  else if (!made.length) box.append("No Cards");
}

function drafts() {
  return {
    resourceType: "Bundle",
    entry: state.drafts.map((resource) => ({ resource })),
  };
}

async function choose() {
  // The sample of a draft order has no intent.
  state.drafts = [{
    resourceType: "MedicationRequest",
    id: "request-123",
    status: "draft",
    subject: { reference: `Patient/${patientId}` },
    medicationCodeableConcept: { text: document.querySelector("#medication").value },
  }];
  hook = "order-select";
  await call({ selections: ["MedicationRequest/request-123"], draftOrders: drafts() });
}

async function sign() {
  hook = "order-sign";
  await call({ draftOrders: drafts() });
}

async function openChart() {
  hook = "patient-view";
  await call();
}

async function start() {
  await fhir("metadata");
  await fhir("Patient").catch(() => null);
  state.patient = await fhir(`Patient/${patientId}`);
  await fhir(`Condition?patient=${patientId}`).catch(() => null);
  const [name] = state.patient.name;
  document.querySelector("#patient").textContent =
    `${name.given.join(" ")} ${name.family} ${state.patient.birthDate}`;
  await discover();
  if (hook === "patient-view") await openChart();
}

document.querySelector("#patient-view").addEventListener("click", openChart);
document.querySelector("#rx-view").addEventListener("click", () => {
  document.querySelector("#rx").hidden = false;
});
document.querySelector("#choose").addEventListener("click", choose);
document.querySelector("#sign").addEventListener("click", sign);
start().catch((fault) => {
  document.querySelector("#cards").textContent = `Could not start: ${fault.message}`;
});
