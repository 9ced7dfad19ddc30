package page

import (
	"strings"

	"comptant/hq/ui"
)

// stripeScript is Stripe's, which has to come from there. Its name is that of the version of the API that hq/payments speaks.
// https://docs.stripe.com/sdks/stripejs-versioning
const stripeScript = "https://js.stripe.com/clover/stripe.js"

// stripePolicy is what every page is held to, and what Stripe's script needs besides.
// https://docs.stripe.com/security/guide#content-security-policy
var stripePolicy = strings.NewReplacer(
	"script-src 'self'", "script-src 'self' https://js.stripe.com https://*.js.stripe.com",
	"connect-src 'self'", "connect-src 'self' https://api.stripe.com",
).Replace(ui.ContentSecurityPolicy) + "; frame-src https://js.stripe.com https://*.js.stripe.com https://hooks.stripe.com"
