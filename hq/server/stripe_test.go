package server_test

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/catalog"
	"comptant/hq/db"
	"comptant/hq/payments"
	"comptant/hq/payments/stripetest"
	"comptant/hq/pgtest"
	"comptant/hq/server"
	"comptant/hq/stock"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// Whoever sets up a part of Stripe means Stripe: headquarters says what is missing rather than take test cards.
func TestAPartOfStripeIsNotTheSandbox(t *testing.T) {
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	for missing, o := range map[string]payments.StripeOptions{
		"the secret key":            {PublishableKey: stripetest.PublishableKey, WebhookSecret: stripetest.WebhookSecret},
		"the publishable key":       {Key: stripetest.Key, WebhookSecret: stripetest.WebhookSecret},
		"the secret of the webhook": {Key: stripetest.Key, PublishableKey: stripetest.PublishableKey},
	} {
		_, err := server.New(t.Context(), server.Config{
			Database: server.Database{URL: pgtest.DurableURL(t), Log: log}, Listen: "127.0.0.1:0", Version: "test", Log: log, Stripe: o,
		})
		require.ErrorContains(t, err, "stripe: "+missing)
	}
}

// With all of it the shop's checkout takes cards by Stripe, and Stripe's webhook is there.
func TestTheShopIsPaidInByStripe(t *testing.T) {
	address, log := pgtest.DurableURL(t), slog.New(slog.NewTextHandler(t.Output(), nil))
	hq, err := server.New(t.Context(), server.Config{
		Database: server.Database{URL: address, Log: log}, Listen: "127.0.0.1:0", Version: "test", Log: log,
		Stripe: payments.StripeOptions{Key: stripetest.Key, PublishableKey: stripetest.PublishableKey, WebhookSecret: stripetest.WebhookSecret},
	})
	require.NoError(t, err)
	serving, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- hq.Run(serving) }()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-done)
	})
	d, err := db.Open(t.Context(), address, log, db.Options{})
	require.NoError(t, err)
	defer d.Close()
	store := retail.Location{ID: uuid.New(), Kind: retail.LocationStore, Code: "NO", Name: "Nord", Zone: "America/Toronto"}
	category := retail.Category{ID: uuid.New(), Name: retail.Text{FR: "Épicerie"}}
	soap := catalog.Product{Product: retail.Product{
		ID: uuid.New(), SKU: "savon", Name: retail.Text{FR: "Savon"}, Category: category.ID, Price: 499, Class: retail.ZeroRated,
	}}
	require.NoError(t, d.InTx(t.Context(), func(tx *db.Tx) error {
		if err := stock.PutLocations(t.Context(), tx, store); err != nil {
			return err
		}
		if err := catalog.PutCategories(t.Context(), tx, category); err != nil {
			return err
		}
		if _, err := catalog.PutProducts(t.Context(), tx, time.Now().Add(-time.Hour), []catalog.Product{soap}); err != nil {
			return err
		}
		return stock.Set(t.Context(), tx, time.Now(), uuid.New(), []stock.Found{{Location: store.ID, Product: soap.ID, OnHand: money.One}})
	}))
	shop := "http://" + hq.Addr() + "/shop/"
	customer := browser(t, "")
	resp, _ := ask(t, customer, http.MethodPost, shop+"cart", "product", soap.ID.String(), "quantity", "1")
	require.Equal(t, http.StatusSeeOther, resp.StatusCode)
	resp, body := ask(t, customer, http.MethodGet, shop+"checkout")
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Contains(t, body, `data-key="`+stripetest.PublishableKey+`"`)
	require.NotContains(t, body, stripetest.Key)
	resp, _ = ask(t, customer, http.MethodPost, "http://"+hq.Addr()+server.StripePath)
	require.Equal(t, http.StatusBadRequest, resp.StatusCode, "no signature")
}
