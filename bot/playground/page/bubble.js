// One message as an element: what it carries, its text, its time, its buttons.

import { fileURL } from './api.js';
import { avatar } from './avatar.js';
import { el, icon, iconButton } from './dom.js';
import { clockTime, fileSize, moment } from './format.js';
import { t } from './i18n.js';
import { inlineKeyboard } from './inline-keyboard.js';
import { pinMap } from './map.js';
import { safeFragment } from './sanitize.js';

/**
 * Builds the row of a message. `context` is {chat, bot, actions}: the actions are what the message asks the chat to do
 * (sendText, press, reply, showActions, openPicture, goTo).
 */
export function messageRow(message, context) {
  if (message.service) return serviceRow(message);
  const row = el('div', {
    class: `row ${message.from_bot ? 'incoming' : 'own'}`,
    dataset: { messageId: message.message_id, testid: 'message' },
    oncontextmenu: (event) => {
      if (event.target.closest('a')) return;
      event.preventDefault();
      context.actions.showActions(message, { x: event.clientX, y: event.clientY });
    },
    ondblclick: (event) => {
      if (!event.target.closest('a, button')) context.actions.reply(message);
    },
  });
  const stack = el('div', { class: 'stack' }, bubble(message, context));
  if (message.buttons?.length) {
    row.classList.add('has-buttons');
    stack.append(inlineKeyboard(message, context));
  }
  row.append(stack, iconButton('more', t('message_actions'), {
    class: 'row-actions', 'aria-haspopup': 'menu',
    onclick: (event) => context.actions.showActions(message, event.currentTarget),
  }));
  return row;
}

/** A message in a few words, for the list and for replies: plain text. */
export function summary(message) {
  const text = (message.text ?? '').replace(/\s+/g, ' ').trim();
  if (text) return text;
  if (message.photo) return t('photo');
  if (message.document) return message.document.file_name || t('document');
  if (message.venue) return message.venue.title;
  if (message.location) return t('location');
  if (message.contact) return message.contact.phone_number;
  if (message.sticker) return message.sticker.emoji || t('sticker');
  return '';
}

function bubble(message, context) {
  const hasText = Boolean(message.html);
  const box = el('div', { class: 'bubble' });
  if (message.forwarded_from) box.append(el('div', { class: 'forwarded' }, t('forwarded', { name: message.forwarded_from })));
  if (message.reply_to) box.append(replyHead(message.reply_to, context));
  if (message.photo) box.append(photo(message.photo, context));
  if (message.document) box.append(documentLink(message.document));
  if (message.venue) box.append(placeCard(message.venue.location, message.venue));
  else if (message.location) box.append(placeCard(message.location));
  if (message.contact) box.append(contactCard(message.contact));
  if (message.sticker) {
    box.append(el('div', { class: 'sticker', role: 'img', 'aria-label': t('sticker') }, message.sticker.emoji || '🖼'));
  }

  if (message.photo) box.classList.add('with-photo');
  if (message.sticker) box.classList.add('with-sticker');
  if ((message.photo || message.sticker) && !hasText) box.classList.add('bare');
  if (hasText) {
    box.append(el('div', { class: 'text', dir: 'auto' }, safeFragment(message.html, context.bot), meta(message)));
  } else {
    box.append(meta(message));
  }
  return box;
}

/** A line in the middle: something that happened to the chat, said by nobody. */
function serviceRow(message) {
  return el('div', { class: 'service', dataset: { messageId: message.message_id, testid: 'message' } }, el('span', {}, t('chat_changed')));
}

function contactCard(contact) {
  return el('div', { class: 'document' },
    avatar({ id: contact.user_id, ...contact }, 'card'),
    el('span', { class: 'document-facts' },
      el('span', { class: 'document-name' }, [contact.first_name, contact.last_name].filter(Boolean).join(' ')),
      el('span', { class: 'document-size' }, contact.phone_number)));
}

function meta(message) {
  const sent = moment(message.date);
  return el('span', { class: 'meta' },
    message.reactions?.length ? el('span', { class: 'reactions' }, message.reactions.join(' ')) : null,
    message.edit_date ? el('span', { class: 'edited' }, t('edited')) : null,
    el('time', { datetime: sent.toISOString() }, clockTime(sent)),
    message.from_bot ? null : icon('checks'));
}

function replyHead(id, { chat, bot, actions }) {
  const quoted = chat.message(id);
  return el('button', { type: 'button', class: 'reply-head', onclick: () => actions.goTo(id) },
    el('span', { class: 'reply-name' }, quoted && !quoted.from_bot ? quoted.from?.first_name ?? t('you') : bot?.first_name ?? ''),
    el('span', { class: 'reply-text' }, quoted ? summary(quoted) : '…'));
}

function photo(picture, { actions }) {
  const url = fileURL('pictures', picture);
  return el('button', { type: 'button', class: 'photo', 'aria-label': t('open_picture'), onclick: () => actions.openPicture(url) },
    el('img', { src: url, alt: '', width: picture.width || null, height: picture.height || null, decoding: 'async' }));
}

function documentLink(file) {
  const name = file.file_name || t('document');
  const extension = name.includes('.') ? name.split('.').pop().slice(0, 4) : '';
  return el('a', { class: 'document', href: fileURL('files', file), download: name, title: t('download') },
    el('span', { class: `document-icon kind-${extension.toLowerCase().replace(/[^a-z0-9]/g, '')}` },
      icon('download'), extension ? el('span', { class: 'document-extension' }, extension) : null),
    el('span', { class: 'document-facts' },
      el('span', { class: 'document-name' }, name),
      el('span', { class: 'document-size' }, fileSize(file.file_size ?? 0))));
}

function placeCard({ latitude, longitude }, venue) {
  const coordinates = `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`;
  const address = new URL('https://www.openstreetmap.org/');
  address.search = new URLSearchParams({ mlat: latitude, mlon: longitude });
  address.hash = `map=14/${latitude}/${longitude}`;
  return el('div', { class: 'place' },
    pinMap(latitude, longitude),
    el('div', { class: 'place-facts' },
      venue?.title ? el('strong', {}, venue.title) : null,
      venue?.address ? el('span', {}, venue.address) : null,
      el('a', { class: 'place-coordinates', href: `geo:${latitude},${longitude}` }, coordinates),
      el('a', { href: address.href, target: '_blank', rel: 'noopener noreferrer' }, t('show_on_map'))));
}
