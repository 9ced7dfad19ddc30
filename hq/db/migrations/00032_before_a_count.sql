-- +goose Up

-- What moved before a count by all that is known, counts left out: so that something that arrives late changes this figure, and
-- nobody adds up a product's whole past again.
ALTER TABLE stock.count ADD COLUMN before bigint NOT NULL DEFAULT 0;

UPDATE stock.count c SET before = coalesce((
	SELECT sum(m.quantity) FROM stock.movement m
	WHERE m.location_id = c.location_id AND m.product_id = c.product_id AND m.reason <> 7
		AND NOT CASE WHEN m.till_id = c.till_id THEN (m.epoch, m.seq, m.ref) > (c.epoch, c.seq, c.ref)
			ELSE (date_trunc('milliseconds', m.at), m.ref) > (c.at, c.ref) END), 0);
