package handlers

// all lists the features in the order of /help and of the command menu.
func (a *App) all() []feature {
	return []feature{
		starting{a},
		searching{a},
		cards{a},
		holds{a},
		trainings{a},
		months{a},
		van{a},
		nearest{a},
		joining{a},
		applications{a},
		directory{a},
		asking{a},
		profiles{a},
		settings{a},
		pausing{a},
		privacy{a},
		exporting{a},
		forgetting{a},
		staff{a},
		undelivered{a},
		desk{a},
		driver{a},
		imports{a},
		broadcasts{a},
		trainingEditing{a},
		stopEditing{a},
		people{a},
		titleEditing{a},
		stats{a},
		helping{a},
		fallbacks{a},
	}
}
