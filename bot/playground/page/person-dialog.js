// Adding a person to be.

import { addPerson } from './api.js';
import { openDialog } from './dialogs.js';
import { el, uniqueId } from './dom.js';
import { LANGUAGES, t } from './i18n.js';

/** Opens the dialogue; `onAdded(person)` is called when the server has the new person. */
export function openPersonDialog(onAdded) {
  const first = textField('first_name', { maxlength: '64', autofocus: true });
  const last = textField('last_name', { maxlength: '64' });
  const username = textField('username', { maxlength: '32', spellcheck: 'false', autocapitalize: 'off' });
  const note = textField('note', { maxlength: '100', placeholder: t('note_hint') });
  const language = languageField();
  openDialog({
    title: t('new_person'),
    content: [el('div', { class: 'two-fields' }, first.element, last.element), username.element, language.element, note.element],
    confirm: t('add'),
    testid: 'person-dialog',
    onConfirm: async () => {
      const person = await addPerson({
        first_name: first.value(), last_name: last.value(), username: username.value().replace(/^@/, ''),
        language_code: language.value(), note: note.value(),
      });
      onAdded(person);
    },
  });
}

function textField(name, attributes) {
  const id = uniqueId(name);
  const input = el('input', { id, name, class: 'input', type: 'text', autocomplete: 'off', ...attributes });
  return { element: el('div', {}, el('label', { class: 'label', for: id }, t(name)), input), value: () => input.value.trim() };
}

function languageField() {
  const id = uniqueId('language');
  const options = [...Object.entries(LANGUAGES), ['', t('language_none')]];
  const select = el('select', { id, name: 'language', class: 'input' }, options.map(([code, name]) => el('option', { value: code }, name)));
  return { element: el('div', {}, el('label', { class: 'label', for: id }, t('language')), select), value: () => select.value };
}
