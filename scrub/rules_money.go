// SPDX-License-Identifier: Apache-2.0

package scrub

// rulesMoney are formats of payment, shops, shipping and chains.
var rulesMoney = []Rule{
	{
		ID: "stripe-key", Keywords: []string{"sk_live_51", "rk_live_", "sk_test_51", "rk_test_", "sk_org_"}, Sure: true,
		Pattern: `(?:sk_(?:live|test)_51[A-Za-z0-9]{80,}|rk_(?:live|test)_[A-Za-z0-9]{24,}|sk_org_[A-Za-z0-9_]{24,})`,
		Hits:    []string{"sk_live_51{a97}", "rk_live_{a99}"},
		Source:  "https://docs.stripe.com/keys", Revoke: "https://docs.stripe.com/keys#rolling-keys",
	},
	{
		ID: "stripe-key", Keywords: []string{"sk_live_", "rk_live_", "sk_test_", "rk_test_", "sk_org_"},
		Pattern: `(?:[sr]k_(?:live|test)|sk_org)_[A-Za-z0-9_]{16,}`,
		Hits:    []string{"sk_live_{a24}", "rk_live_{a99}"},
		Source:  "https://docs.stripe.com/keys", Revoke: "https://docs.stripe.com/keys#rolling-keys",
	},
	{
		ID: "stripe-webhook-secret", Keywords: []string{"whsec_"},
		Pattern: `whsec_[A-Za-z0-9+/=]{24,64}`,
		Hits:    []string{"whsec_{a32}"},
		Source:  "https://docs.stripe.com/webhooks",
	},
	{
		ID: "square-token", Keywords: []string{"EAAA"},
		Pattern: `EAAA[A-Za-z0-9_-]{60}`,
		Hits:    []string{"EAAA{b60}"},
		Source:  "https://developer.squareup.com/docs/build-basics/access-tokens",
	},
	{
		ID: "square-secret", Keywords: []string{"sq0csp-", "sq0atp-"}, Sure: true,
		Pattern: `sq0(?:csp|atp)-[A-Za-z0-9_-]{22,43}`,
		Hits:    []string{"sq0csp-{b43}", "sq0atp-{b22}"},
		Source:  "https://developer.squareup.com/docs/oauth-api/overview",
	},
	{
		ID: "square-application-id", Keywords: []string{"sq0idp-"},
		Pattern: `sq0idp-[A-Za-z0-9_-]{22,43}`,
		Hits:    []string{"sq0idp-{b22}"},
		Source:  "https://developer.squareup.com/docs/oauth-api/overview",
	},
	{
		ID: "paypal-braintree-token", Keywords: []string{"access_token$production$", "access_token$sandbox$"}, Sure: true,
		Pattern: `access_token\$(?:production|sandbox)\$[0-9a-z]{16}\$[0-9a-f]{32}`,
		Hits:    []string{"access_token$production${l16}${h32}"},
		Source:  "https://developer.paypal.com/braintree/docs/guides/extend/oauth/access-tokens",
	},
	{
		ID: "razorpay-key", Keywords: []string{"rzp_live_", "rzp_test_"},
		Pattern: `rzp_(?:live|test)_[A-Za-z0-9]{14}`,
		Hits:    []string{"rzp_live_{a14}"},
		Source:  "https://razorpay.com/docs/payments/dashboard/account-settings/api-keys/",
	},
	{
		ID: "shopify-token", Keywords: []string{"shpat_", "shpca_", "shppa_", "shpss_", "shpua_"}, Sure: true,
		Pattern: `shp(?:at|ca|pa|ss|ua)_[a-fA-F0-9]{32}`,
		Hits:    []string{"shpat_{h32}"},
		Source:  "https://shopify.dev/docs/apps/build/authentication-authorization", Revoke: "https://shopify.dev/docs/apps/build/authentication-authorization/client-secrets/rotate-revoke-client-credentials",
	},
	{
		ID: "plaid-token", Keywords: []string{"access-production-", "access-sandbox-", "access-development-"}, Sure: true,
		Pattern: `access-(?:production|sandbox|development)-[0-9a-f-]{36}`,
		Hits:    []string{"access-production-{x}"},
		Source:  "https://plaid.com/docs/quickstart/glossary/#access-token",
	},
	{
		ID: "adyen-key", Keywords: []string{"AQE"}, Entropy: 4.2,
		Pattern: `AQE[a-z][A-Za-z0-9+/]{40,200}(?:={0,2}-[A-Za-z0-9+/=]{20,60}-[A-Za-z0-9^+/(){}<>&;:,.=\[\]?|~!@#$%*_-]{8,20})`,
		Hits:    []string{"AQEm{p60}=-{p43}=-{a16}"},
		Source:  "https://docs.adyen.com/development-resources/api-credentials/",
	},
	{
		ID: "checkout-key", Keywords: []string{"sk_sbox_"},
		Pattern: `sk_sbox_[a-z0-9*#$=]{26,30}`,
		Hits:    []string{"sk_sbox_{l27}"},
		Source:  "https://www.checkout.com/docs/developer-resources/api/manage-api-keys",
	},
	{
		ID: "flutterwave-key", Keywords: []string{"FLWSECK"}, Sure: true,
		Pattern: `FLWSECK(?:_TEST|_LIVE)?-[A-Za-z0-9-]{12,50}`,
		Hits:    []string{"FLWSECK_TEST-{h32}-X"},
		Source:  "https://developer.flutterwave.com/docs/authentication",
	},
	{
		ID: "coinbase-key", Keywords: []string{"organizations/"},
		Pattern: `organizations/[0-9a-f-]{36}/apiKeys/([0-9a-f-]{36})`,
		Hits:    []string{"organizations/{x}/apiKeys/{x}"},
		Source:  "https://docs.cdp.coinbase.com/get-started/docs/cdp-api-keys",
	},
	{
		ID: "etherscan-key", Keywords: []string{"etherscan", "bscscan", "polygonscan"}, Named: true,
		Pattern: `[A-Z0-9]{34}`,
		Hits:    []string{"ETHERSCAN_API_KEY={u34}"},
		Source:  "https://docs.etherscan.io/getting-started/viewing-api-usage-statistics",
	},
	{
		ID: "infura-key", Keywords: []string{"infura.io/v3/"},
		Pattern: `infura\.io/v3/([0-9a-f]{32})`,
		Hits:    []string{"infura.io/v3/{h32}"},
		Source:  "https://docs.metamask.io/services/get-started/endpoints/",
	},
	{
		ID: "alchemy-key", Keywords: []string{"alchemy.com/v2/", "alchemyapi.io/v2/"},
		Pattern: `alchemy(?:api)?\.(?:com|io)/v2/([A-Za-z0-9_-]{32})`,
		Hits:    []string{"alchemy.com/v2/{b32}"},
		Source:  "https://www.alchemy.com/docs/how-to-create-access-keys",
	},
	{
		ID: "ethereum-private-key", Keywords: []string{"private_key", "privatekey", "priv_key"}, Named: true,
		Pattern: `(?:0x)?[0-9a-fA-F]{64}`,
		Hits:    []string{"PRIVATE_KEY=0x{h64}"},
		Source:  "https://ethereum.org/en/developers/docs/accounts/",
	},
	{
		ID: "bitcoin-extended-key", Keywords: []string{"xprv", "tprv", "yprv", "zprv"}, Check: base58Check,
		Pattern: `[xtyz]prv[1-9A-HJ-NP-Za-km-z]{105,110}`,
		Hits:    []string{"xprv{s107}"},
		Source:  "https://github.com/bitcoin/bips/blob/master/bip-0032.mediawiki",
	},
	{
		ID: "chargebee-key", Keywords: []string{"live_"}, Entropy: 3.8, Whole: true,
		Pattern: `live_[A-Za-z0-9]{30,60}`,
		Hits:    []string{"live_{a34}"},
		Source:  "https://www.chargebee.com/docs/2.0/api_keys.html",
	},
	{
		ID: "mercadopago-token", Keywords: []string{"APP_USR-", "TEST-"}, Sure: true,
		Pattern: `(?:APP_USR|TEST)-\d{10,18}-\d{6}-[0-9a-f]{32}-\d{6,12}`,
		Hits:    []string{"APP_USR-{d16}-{d6}-{h32}-{d9}"},
		Source:  "https://www.mercadopago.com/developers/en/docs/your-integrations/credentials",
	},
	{
		ID: "duffel-token", Keywords: []string{"duffel_"}, Sure: true,
		Pattern: `duffel_(?:test|live)_[A-Za-z0-9_-]{43}`,
		Hits:    []string{"duffel_live_{b43}"},
		Source:  "https://duffel.com/docs/api/overview/making-requests/authentication",
	},
	{
		ID: "easypost-key", Keywords: []string{"EZAK", "EZTK"}, Sure: true,
		Pattern: `EZ[AT]K[a-f0-9A-Z]{30,60}[A-Za-z0-9]{0,30}`,
		Hits:    []string{"EZAK{h54}"},
		Source:  "https://docs.easypost.com/docs/authentication",
	},
	{
		ID: "shippo-token", Keywords: []string{"shippo_"}, Sure: true,
		Pattern: `shippo_(?:live|test)_[a-f0-9]{40}`,
		Hits:    []string{"shippo_live_{h40}"},
		Source:  "https://docs.goshippo.com/docs/guides_general/authentication/",
	},
	{
		ID: "lob-key", Keywords: []string{"live_", "test_"},
		Pattern: `(?:live|test)_(?:pub_)?[a-f0-9]{31,35}`,
		Hits:    []string{"live_{h35}"},
		Source:  "https://docs.lob.com/#tag/Authentication",
	},
	{
		ID: "gocardless-token", Keywords: []string{"live_", "sandbox_"}, Entropy: 4,
		Pattern: `(?:live|sandbox)_[A-Za-z0-9_=-]{38,42}`,
		Hits:    []string{"live_{b40}"},
		Source:  "https://developer.gocardless.com/getting-started/api/making-your-first-request/",
	},
}
