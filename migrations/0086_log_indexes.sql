-- What the log reads of an entry it finds by an index, whatever the size of the books.

-- +goose Up

CREATE INDEX fulfilment_entry_id ON fulfilment (entry_id) WHERE entry_id IS NOT NULL;
CREATE INDEX valuation_entry_id ON valuation (entry_id) WHERE entry_id IS NOT NULL;
CREATE INDEX period_event_entry_id ON period_event (entry_id) WHERE entry_id IS NOT NULL;
