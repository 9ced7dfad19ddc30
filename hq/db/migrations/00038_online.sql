-- +goose Up

-- What the shop was paid is no card at a till: a terminal's own total must agree with card.
ALTER TABLE sales.document ADD COLUMN online bigint NOT NULL DEFAULT 0;
ALTER TABLE sales.hourly ADD COLUMN online bigint NOT NULL DEFAULT 0;

UPDATE sales.document d SET online = d.card, card = 0 FROM orders.placed o
WHERE d.till_id = o.sold_till AND d.epoch = o.sold_epoch AND d.number = o.sold_number AND NOT d.refund AND NOT d.void;

UPDATE sales.hourly h SET online = d.online, card = h.card - d.online FROM (
	SELECT d.store_id, d.business_date, extract(hour FROM d.at AT TIME ZONE l.zone)::smallint AS hour, sum(d.online) AS online
	FROM sales.document d JOIN stock.location l ON l.id = d.store_id WHERE d.online <> 0 GROUP BY 1, 2, 3
) d WHERE h.store_id = d.store_id AND h.business_date = d.business_date AND h.hour = d.hour;
