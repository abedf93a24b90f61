// The state of one chat: pure data with the rules for how events change it.

const SPINNER_LIMIT = 15_000;
const ACTION_LASTS = 5_000;

export class Chat {
  messages = [];
  more = false;
  loaded = false;
  loading = false;
  keyboard = null;
  commands = [];
  description = '';
  unread = 0;
  readUpTo = 0;
  started = false;
  blocked = false;
  action = null;
  draft = '';
  replyTo = null;
  keyboardOpen = false;
  /** The first unread message when the chat was opened: the separator stays there while the chat is looked at. */
  separatorBefore = null;
  /** Where the list is scrolled to while the chat is not shown; null is the end. */
  scrollTop = null;
  #pressed = new Map();
  #answered = new Set();
  #actionTimer = 0;

  constructor(id) {
    this.id = id;
  }

  get last() {
    return this.messages.at(-1);
  }

  message(id) {
    return this.messages.find((message) => message.message_id === id);
  }

  /** Forgets all messages: the playground began anew. */
  clear() {
    this.messages = [];
    this.loaded = false;
    this.readUpTo = 0;
    this.replyTo = null;
    this.separatorBefore = null;
  }

  /** Takes over the newest page. What arrived by event while the page was on its way is newer than it, and stays. */
  replace({ messages, more, keyboard, commands, description }) {
    const newest = messages?.at(-1)?.message_id ?? 0;
    this.messages = [...(messages ?? []), ...this.messages.filter((message) => message.message_id > newest)];
    this.more = Boolean(more);
    this.commands = commands ?? [];
    this.description = description ?? '';
    if (!this.loaded) this.readUpTo = this.#readBefore(this.unread);
    this.loaded = true;
    this.#count();
    this.setKeyboard(keyboard ?? null);
    this.#followForceReply();
  }

  prepend({ messages, more }) {
    const known = new Set(this.messages.map((message) => message.message_id));
    this.messages = [...messages.filter((message) => !known.has(message.message_id)), ...this.messages];
    this.more = Boolean(more);
  }

  /** Adds a message, or replaces the one with its id: an event that comes twice changes nothing. */
  put(message) {
    const index = this.messages.findIndex((known) => known.message_id === message.message_id);
    if (index >= 0) {
      this.messages = this.messages.with(index, message);
      return;
    }
    this.messages = [...this.messages, message].sort((a, b) => a.message_id - b.message_id);
    this.started = true;
    if (message.from_bot) this.setAction(null);
    else this.separatorBefore = null;
    this.#count();
    this.#followForceReply();
  }

  /** Replaces a message that is known; an edit of one that was not loaded yet is of no interest. */
  edit(message) {
    if (this.message(message.message_id)) this.put(message);
  }

  remove(messageId) {
    this.messages = this.messages.filter((message) => message.message_id !== messageId);
    if (this.replyTo === messageId) this.replyTo = null;
    this.#count();
  }

  /** Takes over what the server counts as unread. Once the messages are loaded they are counted here, and never late. */
  setUnread(count) {
    if (!this.loaded) this.unread = count;
  }

  setKeyboard(keyboard) {
    this.keyboard = keyboard?.keyboard?.length ? keyboard : null;
    this.keyboardOpen = this.keyboard !== null;
  }

  /** Notes that everything up to a message was read. */
  markRead(messageId) {
    this.readUpTo = Math.max(this.readUpTo, messageId);
    this.#count();
  }

  /** Puts the separator before the first unread message, for as long as the chat is looked at. */
  open() {
    if (this.unread === 0) return;
    const isUnread = (message) => message.from_bot && message.message_id > this.readUpTo;
    this.separatorBefore = this.messages.find(isUnread)?.message_id ?? null;
  }

  /** Shows what the bot is doing ("typing"), for as long as Telegram does; `onEnd` is called when that time is over. */
  setAction(action, onEnd) {
    clearTimeout(this.#actionTimer);
    this.action = action;
    if (action) {
      this.#actionTimer = setTimeout(() => {
        this.action = null;
        onEnd();
      }, ACTION_LASTS);
    }
  }

  isPressed(messageId, data) {
    return this.#pressed.has(`${messageId} ${data}`);
  }

  /** Marks a button as waiting for the bot's answer, for 15 seconds at most. */
  press(messageId, data, onEnd) {
    const key = `${messageId} ${data}`;
    const timer = setTimeout(() => {
      this.#pressed.delete(key);
      onEnd();
    }, SPINNER_LIMIT);
    this.#pressed.set(key, { timer, queryId: null });
  }

  /** Ties a pressed button to its query. The answer may have come before the server told the query's id. */
  asked(messageId, data, queryId) {
    const press = this.#pressed.get(`${messageId} ${data}`);
    if (press) press.queryId = queryId;
    if (this.#answered.delete(queryId)) this.answered(queryId);
  }

  release(messageId, data) {
    const key = `${messageId} ${data}`;
    clearTimeout(this.#pressed.get(key)?.timer);
    this.#pressed.delete(key);
  }

  /** Ends the waiting of the button whose query was answered. */
  answered(queryId) {
    for (const [key, press] of this.#pressed) {
      if (press.queryId !== queryId) continue;
      clearTimeout(press.timer);
      this.#pressed.delete(key);
      return;
    }
    this.#answered.add(queryId);
  }

  #count() {
    if (!this.loaded) return;
    this.unread = this.messages.filter((message) => message.from_bot && message.message_id > this.readUpTo).length;
  }

  /** The id before the first of the last `unread` messages of the bot: everything up to it was read. */
  #readBefore(unread) {
    if (unread === 0) return this.last?.message_id ?? 0;
    const incoming = this.messages.filter((message) => message.from_bot);
    return (incoming.at(-unread) ?? incoming[0])?.message_id - 1 || 0;
  }

  #followForceReply() {
    if (this.last?.from_bot && this.last.force_reply) this.replyTo = this.last.message_id;
  }
}
