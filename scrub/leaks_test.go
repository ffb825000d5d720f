// SPDX-License-Identifier: Apache-2.0

package scrub

import "testing"

// TestLiterals has the forms in which languages write a text.
func TestLiterals(t *testing.T) {
	wantPlaces(t, []string{
		`std::string password = R"(‹{a9}7›)";`, `auto password = R"x(‹{a9}7›)x";`, `let password = r#"‹{a9}7›"#;`, `const DB_PASSWORD = raw"‹{a9}7!›"`,
		`ALTER USER bob WITH PASSWORD $$‹{a9}7›$$;`, `ALTER USER bob WITH PASSWORD $pw$‹{a9}7›$pw$;`,
		"password = <<EOT\n‹{a9}7›\nEOT\n", "variable \"db_password\" {\n  default = <<-EOT\n    ‹{a9}7›\n  EOT\n}",
		`String[] passwords = {"‹{a9}7›"};`, `password = new String("‹{a9}7›")`, `password = cond ? "‹{a9}7›" : other`, `password = other or "‹{a9}7›"`,
		`if (pw.equals("‹{a9}7›")) {`, `password: {{ env "PW" | default "‹{a9}7›" }}`, `PW="${DB_PASSWORD:-‹{a9}7›}"`,
		`CONSTANTS: gc_kennung_passwort TYPE string VALUE '‹{a9}7›'.`, `01 WS-DB-PASSWORD PIC X(32) VALUE '‹{a7}7›'.`, `l_password CONSTANT VARCHAR2(30) := '‹{a9}7›';`,
		`password varchar(64) NOT NULL DEFAULT '‹{a9}7›',`, `Password : constant String := "‹{a9}7›";`,
		`headers: { Authorization: 'Token ‹{h40}›' },`, `buildConfigField("String", "API_TOKEN", "\"‹{a24}7›\"")`, `cy.get('#password').type('‹{a9}7›{enter}')`,
	})
	wantBenign(t, []string{
		"password = <<EOT\n${var.password}\nEOT\n", `let password = r#"password"#;`, `password = cond ? this.password : other`, `if (password.equals("password")) {`,
		`01 WS-DB-PASSWORD PIC X(32) VALUE SPACES.`, `password varchar(64) NOT NULL DEFAULT '',`, `PASSWORDS = {"password": hide}`, `passwordField = new JPasswordField("Password")`,
		`echo $(date -u +%FT%TZ) "$*" http://x/`, `password: {{ env "PW" | default "" }}`, `Authorization: AWS4-HMAC-SHA256`, `const char *token = tok[0] ? tok : "none";`,
	})
}
