// The calls of the page to the server. Each returns the decoded answer or throws an Error whose message is a sentence for people.

import { refusal } from './i18n.js';

/** What the page asks first: the bot, the people, the clock, the notices. */
export const getState = () => request('/play/state');

/** A page of a chat's messages, oldest first: the newest ones, or those before a message id. */
export function getMessages(chat, { before, limit = 50 } = {}) {
  const query = new URLSearchParams({ limit });
  if (before) query.set('before', before);
  return request(`${chatPath(chat)}/messages?${query}`);
}

export const sendText = (chat, text, replyTo) =>
  post(`${chatPath(chat)}/text`, replyTo ? { text, reply_to: replyTo } : { text });

export const pressButton = (chat, messageId, data) => post(`${chatPath(chat)}/press`, { message_id: messageId, data });

export const sendLocation = (chat, latitude, longitude) => post(`${chatPath(chat)}/location`, { latitude, longitude });

export const sendContact = (chat) => post(`${chatPath(chat)}/contact`, {});

export const markRead = (chat, messageId) => post(`${chatPath(chat)}/read`, { message_id: messageId });

export const setBlocked = (chat, blocked) => post(`${chatPath(chat)}/block`, { blocked });

export const addPerson = (person) => post('/play/people', person);

/** Moves the clock: `{advance: "1h"}` or `{to: "next-visit"}`. Answers when the bot has done all that fell due on the way. */
export const moveClock = (step) => post('/play/clock', step);

/** Sends a file as `kind` "document" or "photo". */
export function sendFile(chat, file, kind, caption) {
  const form = new FormData();
  form.set('kind', kind);
  form.set('caption', caption);
  form.set('file', file, file.name);
  return request(`${chatPath(chat)}/file`, { method: 'POST', body: form });
}

/** The address of a file or picture of a message; what is not on this server is not loaded. */
export function fileURL(kind, file) {
  const given = file.url ?? '';
  if (given.startsWith('/') && !given.startsWith('//')) return given;
  return `/play/${kind}/${encodeURIComponent(file.file_id)}`;
}

const chatPath = (chat) => `/play/chats/${encodeURIComponent(chat)}`;

const post = (path, body) =>
  request(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });

async function request(path, options) {
  const response = await fetch(path, options);
  const text = await response.text();
  let answer = null;
  try {
    answer = text ? JSON.parse(text) : null;
  } catch {
    // Not JSON: an answer from something that stands between the page and the server. Its text is of no use to people.
  }
  if (!response.ok) throw new Error(refusal(answer?.error) ?? `HTTP ${response.status}`);
  return answer;
}
