// Files from the person to the bot: picked, dropped or pasted, shown once before they are sent.

import { openDialog } from './dialogs.js';
import { el, icon, uniqueId } from './dom.js';
import { fileSize } from './format.js';
import { t } from './i18n.js';

/** The hidden file field; `pick(kind)` opens the browser's chooser. */
export class PickFile {
  #kind = 'document';

  constructor(onPick) {
    this.element = el('input', {
      type: 'file', hidden: true, dataset: { testid: 'file' }, tabindex: '-1', 'aria-hidden': 'true',
      onchange: () => {
        const [file] = this.element.files;
        if (file) onPick(file, this.#kind);
        this.element.value = '';
      },
    });
  }

  pick(kind) {
    this.#kind = kind;
    this.element.accept = kind === 'photo' ? 'image/*' : '';
    this.element.click();
  }
}

/** Lets files be dropped on a chat: while one is held over it, two fields say as what it will be sent. */
export function watchDrops(chat, onDrop) {
  const zone = (kind, symbol, words) => el('div', {
    class: 'drop-zone',
    ondragover: (event) => {
      event.preventDefault();
      event.currentTarget.classList.add('over');
    },
    ondragleave: (event) => event.currentTarget.classList.remove('over'),
    ondrop: (event) => {
      event.preventDefault();
      event.currentTarget.classList.remove('over');
      overlay.remove();
      const [file] = event.dataTransfer.files;
      if (file) onDrop(file, kind);
    },
  }, icon(symbol), el('span', {}, words));
  const overlay = el('div', { class: 'drop-overlay' },
    zone('photo', 'photo', t('drop_photo')), zone('document', 'file', t('drop_document')));

  chat.addEventListener('dragenter', (event) => {
    if (event.dataTransfer?.types.includes('Files')) chat.append(overlay);
  });
  chat.addEventListener('dragover', (event) => event.preventDefault());
  chat.addEventListener('drop', (event) => event.preventDefault());
  chat.addEventListener('dragleave', (event) => {
    if (!chat.contains(event.relatedTarget)) overlay.remove();
  });
}

/** Shows a file before it is sent, with a field for its caption. `send(caption)` resolves when the server has it. */
export function openAttachDialog(file, kind, send) {
  const captionId = uniqueId('caption');
  const caption = el('input', { id: captionId, class: 'input', type: 'text', maxlength: '1024', autofocus: true, autocomplete: 'off' });
  const preview = kind === 'photo' && file.type.startsWith('image/') ? picture(file) : facts(file);
  openDialog({
    title: t(kind === 'photo' ? 'send_photo' : 'send_document'),
    content: [preview.element, el('label', { class: 'label', for: captionId }, t('caption')), caption],
    confirm: t('send'),
    testid: 'attach-dialog',
    onConfirm: () => send(caption.value.trim()),
    onClose: preview.release,
  });
}

function picture(file) {
  const url = URL.createObjectURL(file);
  return { element: el('img', { class: 'preview', src: url, alt: file.name }), release: () => URL.revokeObjectURL(url) };
}

function facts(file) {
  const element = el('div', { class: 'document' },
    el('span', { class: 'document-icon' }, icon('file')),
    el('span', { class: 'document-facts' },
      el('span', { class: 'document-name' }, file.name), el('span', { class: 'document-size' }, fileSize(file.size))));
  return { element, release: () => {} };
}
