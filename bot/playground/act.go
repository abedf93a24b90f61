package playground

import "errors"

// errNobody is returned for a person who was not added.
var errNobody = errors.New("there is no such person")

// Say is a text that a person writes to the bot in private, as from the page, and returns the message's id. Tests with crowds
// use it: it costs no request.
func (s *Server) Say(person int64, text string) (id int64, err error) {
	err = s.alone(person, func(t *tx, in *chat, who *Person) error {
		id, err = t.write(in, who, posted{fill: func(m *message) { m.Text, m.Entities = text, s.detect(text, nil) }})
		return err
	})
	return id, err
}

// Press is a button that a person presses in private; data need not be on a button of the message, for what is pressed may have
// been changed since it was seen. It returns the id under which the bot answers.
func (s *Server) Press(person, message int64, data string) (query string, err error) {
	err = s.alone(person, func(t *tx, in *chat, who *Person) error {
		query, err = t.press(in, who, message, data)
		return err
	})
	return query, err
}

// alone changes something in a person's own chat.
func (s *Server) alone(person int64, act func(*tx, *chat, *Person) error) error {
	return s.change(func(t *tx) error {
		in := t.chats[person]
		if in == nil || t.people[person] == nil {
			return errNobody
		}
		in, who, err := t.writerIn(in, 0)
		if err != nil {
			return err
		}
		return act(t, in, who)
	})
}
