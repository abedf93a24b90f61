package playground

import "encoding/json"

// The structs below are the part of the Bot API's vocabulary that the playground speaks. They are written by hand, so that the server
// and the library that the bot uses cannot share a mistake. Source: https://core.telegram.org/bots/api#available-types

type user struct {
	ID           int64  `json:"id"`
	IsBot        bool   `json:"is_bot"`
	FirstName    string `json:"first_name"`
	LastName     string `json:"last_name,omitempty"`
	Username     string `json:"username,omitempty"`
	LanguageCode string `json:"language_code,omitempty"`
}

type chatInfo struct {
	ID        int64  `json:"id"`
	Type      string `json:"type"`
	Title     string `json:"title,omitempty"`
	Username  string `json:"username,omitempty"`
	FirstName string `json:"first_name,omitempty"`
	LastName  string `json:"last_name,omitempty"`
}

// entity marks a part of a text. Offset and Length count UTF-16 code units.
type entity struct {
	Type          string `json:"type"`
	Offset        int    `json:"offset"`
	Length        int    `json:"length"`
	URL           string `json:"url,omitempty"`
	User          *user  `json:"user,omitempty"`
	Language      string `json:"language,omitempty"`
	CustomEmojiID string `json:"custom_emoji_id,omitempty"`
}

type photoSize struct {
	FileID       string `json:"file_id"`
	FileUniqueID string `json:"file_unique_id"`
	Width        int    `json:"width"`
	Height       int    `json:"height"`
	FileSize     int64  `json:"file_size,omitempty"`
}

type document struct {
	FileID       string `json:"file_id"`
	FileUniqueID string `json:"file_unique_id"`
	FileName     string `json:"file_name,omitempty"`
	MimeType     string `json:"mime_type,omitempty"`
	FileSize     int64  `json:"file_size,omitempty"`
}

type location struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
}

type venue struct {
	Location location `json:"location"`
	Title    string   `json:"title"`
	Address  string   `json:"address"`
}

type contact struct {
	PhoneNumber string `json:"phone_number"`
	FirstName   string `json:"first_name"`
	LastName    string `json:"last_name,omitempty"`
	UserID      int64  `json:"user_id,omitempty"`
}

type sticker struct {
	FileID       string `json:"file_id"`
	FileUniqueID string `json:"file_unique_id"`
	Type         string `json:"type"`
	Width        int    `json:"width"`
	Height       int    `json:"height"`
	IsAnimated   bool   `json:"is_animated"`
	IsVideo      bool   `json:"is_video"`
	Emoji        string `json:"emoji,omitempty"`
}

type forwardOrigin struct {
	Type           string `json:"type"`
	Date           int64  `json:"date"`
	SenderUser     *user  `json:"sender_user,omitempty"`
	SenderUserName string `json:"sender_user_name,omitempty"`
}

// wireMessage is a message as it goes to the bot.
type wireMessage struct {
	MessageID       int64           `json:"message_id"`
	From            *user           `json:"from,omitempty"`
	Chat            chatInfo        `json:"chat"`
	Date            int64           `json:"date"`
	EditDate        int64           `json:"edit_date,omitempty"`
	ForwardOrigin   *forwardOrigin  `json:"forward_origin,omitempty"`
	ReplyToMessage  *wireMessage    `json:"reply_to_message,omitempty"`
	MediaGroupID    string          `json:"media_group_id,omitempty"`
	Text            string          `json:"text,omitempty"`
	Entities        []entity        `json:"entities,omitempty"`
	Photo           []photoSize     `json:"photo,omitempty"`
	Document        *document       `json:"document,omitempty"`
	Sticker         *sticker        `json:"sticker,omitempty"`
	Contact         *contact        `json:"contact,omitempty"`
	Venue           *venue          `json:"venue,omitempty"`
	Location        *location       `json:"location,omitempty"`
	Caption         string          `json:"caption,omitempty"`
	CaptionEntities []entity        `json:"caption_entities,omitempty"`
	NewChatMembers  []user          `json:"new_chat_members,omitempty"`
	GroupCreated    bool            `json:"group_chat_created,omitempty"`
	MigrateTo       int64           `json:"migrate_to_chat_id,omitempty"`
	MigrateFrom     int64           `json:"migrate_from_chat_id,omitempty"`
	ReplyMarkup     *inlineKeyboard `json:"reply_markup,omitempty"`
}

type callbackQuery struct {
	ID           string       `json:"id"`
	From         user         `json:"from"`
	Message      *wireMessage `json:"message,omitempty"`
	ChatInstance string       `json:"chat_instance"`
	Data         string       `json:"data,omitempty"`
}

type chatMember struct {
	User        user   `json:"user"`
	Status      string `json:"status"`
	IsAnonymous *bool  `json:"is_anonymous,omitempty"` // of a creator
	UntilDate   *int64 `json:"until_date,omitempty"`   // of somebody banned
}

type chatMemberUpdated struct {
	Chat          chatInfo   `json:"chat"`
	From          user       `json:"from"`
	Date          int64      `json:"date"`
	OldChatMember chatMember `json:"old_chat_member"`
	NewChatMember chatMember `json:"new_chat_member"`
}

type inlineKeyboard struct {
	Rows [][]inlineButton `json:"inline_keyboard"`
}

type webApp struct {
	URL string `json:"url"`
}

type copyText struct {
	Text string `json:"text"`
}

// inlineButton holds a button's label and its one action. Actions that the page cannot perform are kept as they came.
type inlineButton struct {
	Text              string          `json:"text"`
	IconCustomEmojiID string          `json:"icon_custom_emoji_id,omitempty"`
	Style             string          `json:"style,omitempty"`
	URL               string          `json:"url,omitempty"`
	CallbackData      string          `json:"callback_data,omitempty"`
	WebApp            *webApp         `json:"web_app,omitempty"`
	LoginURL          json.RawMessage `json:"login_url,omitempty"`
	SwitchInline      *string         `json:"switch_inline_query,omitempty"`
	SwitchInlineHere  *string         `json:"switch_inline_query_current_chat,omitempty"`
	SwitchInlineChat  json.RawMessage `json:"switch_inline_query_chosen_chat,omitempty"`
	CopyText          *copyText       `json:"copy_text,omitempty"`
	CallbackGame      json.RawMessage `json:"callback_game,omitempty"`
	Pay               bool            `json:"pay,omitempty"`
}

type botCommand struct {
	Command     string `json:"command"`
	Description string `json:"description"`
}
