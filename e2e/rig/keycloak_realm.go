// SPDX-License-Identifier: Apache-2.0

package rig

// The clients of the identity providers, and the password of all who have one
// there.
const (
	Audience  = "review-assistant" // its tokens are meant for the bot
	Elsewhere = "elsewhere"        // its tokens are meant for somebody else
	Password  = "correct horse"

	clientSecret = "secret-of-the-test-clients"
)

// corp is the realm that the bot trusts.
func (k *Keycloak) corp() M {
	saml := k.URL + "/realms/" + samlRealm + "/protocol/saml"
	return M{
		"realm": realm, "enabled": true, "sslRequired": "none", "passwordPolicy": cheapHash,
		"components":          signingKey(),
		"accessTokenLifespan": int(k.life.Seconds()),
		"groups":              []M{{"name": "review-operators"}},
		"users":               []M{person("jane", "review-operators"), person("tom")},
		"clients":             []M{tokenClient(Audience), tokenClient(Elsewhere)},
		"identityProviders": []M{{
			"alias": samlRealm, "providerId": "saml", "enabled": true, "trustEmail": true,
			"config": M{
				"entityId": k.Issuer(), "idpEntityId": k.URL + "/realms/" + samlRealm,
				"singleSignOnServiceUrl":  saml,
				"postBindingAuthnRequest": "true", "postBindingResponse": "true",
				"nameIDPolicyFormat": "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified", "principalType": "SUBJECT",
				"validateSignature": "true", "wantAssertionsSigned": "true",
				"useMetadataDescriptorUrl": "true", "metadataDescriptorUrl": saml + "/descriptor",
				"syncMode": "FORCE",
			},
		}},
		// A person who arrives with all of these is asked nothing.
		"identityProviderMappers": []M{
			{
				"name": "username", "identityProviderAlias": samlRealm, "identityProviderMapper": "saml-username-idp-mapper",
				"config": M{"template": "${NAMEID}", "target": "LOCAL", "syncMode": "INHERIT"},
			},
			fromAssertion("email"), fromAssertion("firstName"), fromAssertion("lastName"),
		},
	}
}

// samlCorp is the realm that only corp trusts.
func (k *Keycloak) samlCorp() M {
	return M{
		"realm": samlRealm, "enabled": true, "sslRequired": "none", "passwordPolicy": cheapHash,
		"components": signingKey(),
		"users":      []M{person("ada")},
		"clients": []M{{
			"clientId": k.Issuer(), "protocol": "saml", "enabled": true, "frontchannelLogout": true,
			"redirectUris": []string{k.Issuer() + "/broker/" + samlRealm + "/endpoint"},
			"attributes": M{
				"saml.force.post.binding": "true", "saml.client.signature": "false",
				"saml.server.signature": "true", "saml.assertion.signature": "true", "saml.signature.algorithm": "RSA_SHA256",
				"saml_name_id_format": "username", "saml_force_name_id_format": "true", "saml.authnstatement": "true",
			},
			"protocolMappers": []M{intoAssertion("email"), intoAssertion("firstName"), intoAssertion("lastName")},
		}},
	}
}

// cheapHash and signingKey shorten an import: the default hash is meant to be
// slow, and the default keys are more than anybody here uses.
const cheapHash = "hashAlgorithm(pbkdf2-sha256) and hashIterations(1)"

func signingKey() M {
	return M{keyProvider: []M{{
		"name": "rsa", "providerId": "rsa-generated", "config": M{"priority": []string{"100"}, "algorithm": []string{"RS256"}},
	}}}
}

func person(name string, groups ...string) M {
	return M{
		"username": name, "enabled": true, "email": name + "@example.com", "emailVerified": true,
		"firstName": name, "lastName": "of the tests", "groups": groups,
		"credentials": []M{{"type": "password", "value": Password, "temporary": false}},
	}
}

// tokenClient gets tokens meant for itself. Keycloak adds the audience account
// for people who have roles there, such as those who came over SAML.
func tokenClient(id string) M {
	return M{
		"clientId": id, "enabled": true, "publicClient": false, "secret": clientSecret,
		"standardFlowEnabled": true, "directAccessGrantsEnabled": true,
		"redirectUris": []string{Redirect},
		"attributes":   M{"pkce.code.challenge.method": "S256"},
		"protocolMappers": []M{
			{
				"name": "audience", "protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper",
				"config": M{"included.client.audience": id, "access.token.claim": "true", "id.token.claim": "false"},
			},
			{
				"name": "groups", "protocol": "openid-connect", "protocolMapper": "oidc-group-membership-mapper",
				"config": M{"claim.name": "groups", "full.path": "false", "access.token.claim": "true", "id.token.claim": "true"},
			},
		},
	}
}

func intoAssertion(property string) M {
	return M{
		"name": property, "protocol": "saml", "protocolMapper": "saml-user-property-mapper",
		"config": M{"user.attribute": property, "attribute.name": property, "attribute.nameformat": "Basic"},
	}
}

func fromAssertion(property string) M {
	return M{
		"name": property, "identityProviderAlias": samlRealm, "identityProviderMapper": "saml-user-attribute-idp-mapper",
		"config": M{"attribute.name": property, "user.attribute": property, "syncMode": "INHERIT"},
	}
}
