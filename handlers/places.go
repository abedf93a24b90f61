package handlers

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// preparation is how long before a visit a book from a shelf of the library
// must be asked for to be on the van in time.
const preparation = 3 * time.Hour

// locationName is what people call a location: the main library by a short name in their language, unless it was given another.
func locationName(p *messages.Printer, l store.Location) string {
	switch {
	case l.Van:
		return p.Plain("place.van")
	case l.Name == "", l.ID == store.MainLibrary && l.Name == store.MainLibraryName:
		return p.Plain("place.main")
	}
	return l.Name
}

// isStop tells whether a pickup place is a stop of the van.
func isStop(place store.Place) bool { return strings.HasPrefix(string(place), "s") }

// placeName is what people call a pickup place. One that is gone has a name too.
func (a *App) placeName(ctx context.Context, p *messages.Printer, place store.Place) (string, error) {
	var name string
	var err error
	if isStop(place) {
		var s store.Stop
		s, err = a.Store.Van.Stop(ctx, store.StopID(place))
		name = stopLabel(s)
	} else {
		var l store.Location
		l, err = a.Store.Titles.Location(ctx, store.LocationID(place))
		name = locationName(p, l)
	}
	if errors.Is(err, store.ErrNotFound) {
		return p.Plain("place.gone"), nil
	}
	if err != nil {
		return "", fmt.Errorf("name of place %s: %w", place, err)
	}
	return name, nil
}

// nextVisit is the van's next visit at a stop that is not cancelled and that begins
// after from. ok is false when none is planned.
func (a *App) nextVisit(ctx context.Context, id store.StopID, from time.Time) (v store.Visit, ok bool, err error) {
	const look = 8
	list, err := a.Store.Van.Visits(ctx, id, from, look)
	if err != nil {
		return v, false, fmt.Errorf("next visit at %s: %w", id, err)
	}
	for _, v := range list {
		if !v.Cancelled && v.Arrival.After(from) {
			return v, true, nil
		}
	}
	return v, false, nil
}

// delivery is the visit that can bring a book that is asked for now.
func (a *App) delivery(ctx context.Context, id store.StopID) (store.Visit, bool, error) {
	return a.nextVisit(ctx, id, a.Now().Add(preparation))
}

// visitTime is a visit's day and hours: "gruodžio 3 d., ketvirtadienis, 14.30–15.00".
func (a *App) visitTime(p *messages.Printer, v store.Visit) chat.HTML {
	from, to := a.local(v.Arrival), a.local(v.Departure)
	return chat.Escape(p.DayAndWeekday(from) + ", " + p.Span(from, to))
}
