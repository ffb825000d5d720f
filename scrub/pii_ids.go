// SPDX-License-Identifier: Apache-2.0

package scrub

import "strings"

// nationalID is a number that a state gives to people. It counts only behind
// one of its names, and only when its check digit holds.
type nationalID struct {
	names []string
	forms []idForm
}

// idForm is a form of a number, with a 9 for a digit, an A for a letter, and a
// * for either.
type idForm struct {
	form  string
	check func(v string) bool // nil where there is no check digit
}

var nationalIDs = []nationalID{
	{[]string{"national insurance", "national_insurance", "nationalinsurance", "insurance number", "nino:", "nino=", "nino\"", "nino ", "ni number", "ni_number"}, []idForm{{"AA999999A", ninoPrefix}}},
	{[]string{"social security", "social_security", "socialsecurity", "ssn:", "ssn=", "ssn\"", "ssn ", "ssn'"}, []idForm{{"999999999", ssnArea}}},
	{[]string{"social insurance", "social_insurance", "sin number", "sin_number"}, []idForm{{"999999999", luhn}}},
	{[]string{"burgerservicenummer", "sofinummer", "bsn:", "bsn=", "bsn\"", "bsn ", "bsn'"}, []idForm{{"999999999", bsn}}},
	{[]string{"dni:", "dni=", "dni\"", "dni ", "dni'", "nif:", "nif=", "nif\"", "nif "}, []idForm{{"99999999A", dniLetter}}},
	{[]string{"nie:", "nie=", "nie\"", "nie "}, []idForm{{"A9999999A", dniLetter}}},
	{[]string{"cpf:", "cpf=", "cpf\"", "cpf ", "cpf'"}, []idForm{{"99999999999", cpf}}},
	{[]string{"cnpj"}, []idForm{{"99999999999999", cnpj}}},
	{[]string{"pesel"}, []idForm{{"99999999999", func(v string) bool { return weightedSum(v, "13791379131")%10 == 0 }}}},
	{[]string{"sécurité sociale", "securite sociale", "securite_sociale", "numero_secu", "nir:", "nir=", "nir\"", "nir "}, []idForm{{"999999999999999", nir}}},
	{[]string{"codice fiscale", "codice_fiscale", "codicefiscale"}, []idForm{{"AAAAAA99A99A999A", codiceFiscale}}},
	{[]string{"steuer-id", "steuer_id", "steuerid", "identifikationsnummer", "steuerliche"}, []idForm{{"99999999999", steuerID}}},
	{[]string{"aadhaar", "aadhar"}, []idForm{{"999999999999", verhoeff}}},
	{[]string{"pan number", "pan_number", "pan card", "pan no", "permanent account"}, []idForm{{"AAAAA9999A", nil}}},
	{[]string{"tax file", "tax_file", "tfn:", "tfn=", "tfn\"", "tfn "}, []idForm{{"999999999", tfn}}},
	{[]string{"nhs number", "nhs_number", "nhs no", "nhsnumber"}, []idForm{{"9999999999", nhs}}},
	{[]string{"personnummer"}, []idForm{{"9999999999", luhn}}},
	{[]string{"rijksregister", "registre national", "numéro national"}, []idForm{{"99999999999", belgian}}},
	{[]string{"身份证"}, []idForm{{"99999999999999999*", chinese}}},
	{[]string{"passport n", "passport_n", "passportn", "passport:", "passport\"", "passeport", "reisepass", "pasaporte"}, []idForm{{"A9999999*", nil}, {"999999999", nil}}},
	{[]string{"driver licen", "driver_licen", "drivers licen", "driver's licen", "driving licen", "driving_licen"}, []idForm{{"A9999999", nil}, {"AAAAA999999AA9AA", nil}}},
}

// maxIDGap is in bytes: how far behind its name a number may end.
const maxIDGap = 64

// nationalID takes the number behind its name.
func (f *finder) nationalID(id *nationalID, start, end int) {
	if !f.s.pii["national-id"] || start > 0 && isAlnum(f.text[start-1]) && len(f.text[start:end]) <= 4 {
		return
	}
	limit := min(f.lineEnd(end), end+maxIDGap)
	f.spend(10)
	for i := end; i < limit; i++ {
		if !isAlnum(f.text[i]) || isAlnum(f.text[i-1]) && i > end {
			continue
		}
		for _, form := range id.forms {
			if z := f.formed(i, form); z > 0 {
				f.add(i, z, "national-id", rankPII)
				return
			}
		}
	}
}

// formed returns where the number that starts at i ends, 0 when it has
// another form.
func (f *finder) formed(i int, id idForm) int {
	var v []byte
	z := i
	for len(v) < len(id.form) {
		if z >= len(f.text) {
			return 0
		}
		c, want := f.text[z], id.form[len(v)]
		switch {
		case isDigit(c) && want != 'A', isUpper(c) && want != '9':
			v = append(v, c)
		case len(v) > 0 && strings.IndexByte(" -./", c) >= 0 && isAlnum(f.text[z-1]):
		default:
			return 0
		}
		z++
	}
	if z < len(f.text) && (isAlnum(f.text[z]) || f.text[z] == '_') || sameBytes(string(v)) || strings.HasPrefix(string(v), "123456789") {
		return 0
	}
	if id.check != nil && !id.check(string(v)) {
		return 0
	}
	return z
}

// weightedSum adds the digits, each times its weight.
func weightedSum(v, weights string) int {
	sum := 0
	for i := range min(len(v), len(weights)) {
		sum += int(v[i]-'0') * int(weights[i]-'0')
	}
	return sum
}

func bsn(v string) bool { return (weightedSum(v, "98765432")-int(v[8]-'0'))%11 == 0 }

func ninoPrefix(v string) bool {
	return strings.IndexByte("DFIQUV", v[0]) < 0 && strings.IndexByte("DFIOQUV", v[1]) < 0 && !strings.Contains("BG GB NK KN TN NT ZZ QQ", v[:2]) && v[8] <= 'D'
}

func ssnArea(v string) bool {
	return v[:3] != "000" && v[:3] != "666" && v[0] != '9' && v[3:5] != "00" && v[5:] != "0000" && v != "078051120"
}

func number(v string) (n int) {
	for i := range len(v) {
		n = n*10 + int(v[i]-'0')
	}
	return n
}

func dniLetter(v string) bool {
	if k := strings.IndexByte("XYZ", v[0]); k >= 0 {
		v = string(byte('0'+k)) + v[1:]
	} else if !isDigit(v[0]) {
		return false
	}
	return "TRWAGMYFPDXBNJZSQVHLCKE"[number(v[:8])%23] == v[8]
}

func mod11(sum int) int {
	if d := 11 - sum%11; d < 10 {
		return d
	}
	return 0
}

func cpf(v string) bool {
	one, two := 0, 0
	for i := range 9 {
		one += int(v[i]-'0') * (10 - i)
		two += int(v[i]-'0') * (11 - i)
	}
	d := mod11(one)
	return int(v[9]-'0') == d && int(v[10]-'0') == mod11(two+2*d)
}

func cnpj(v string) bool {
	d := mod11(weightedSum(v, "543298765432"))
	return int(v[12]-'0') == d && int(v[13]-'0') == mod11(weightedSum(v, "6543298765432"))
}

func nir(v string) bool {
	return strings.IndexByte("12", v[0]) >= 0 && 97-number(v[:13])%97 == number(v[13:])
}

func codiceFiscale(v string) bool {
	odd := [26]int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23}
	sum := 0
	for i := range 15 {
		k := int(v[i] - '0')
		if !isDigit(v[i]) {
			k = int(v[i]&^0x20 - 'A')
		}
		if i%2 == 0 {
			k = odd[k]
		}
		sum += k
	}
	return byte('A'+sum%26) == v[15]&^0x20
}

// steuerID is ISO 7064, MOD 11,10.
func steuerID(v string) bool {
	p := 10
	for i := range 10 {
		s := (int(v[i]-'0') + p) % 10
		if s == 0 {
			s = 10
		}
		p = s * 2 % 11
	}
	return v[0] != '0' && (11-p)%10 == int(v[10]-'0')
}

func tfn(v string) bool {
	sum := 0
	for i, w := range []int{1, 4, 3, 7, 5, 8, 6, 9, 10} {
		sum += w * int(v[i]-'0')
	}
	return sum%11 == 0
}

func nhs(v string) bool {
	sum := 0
	for i := range 9 {
		sum += int(v[i]-'0') * (10 - i)
	}
	return (11-sum%11)%11 == int(v[9]-'0')
}

func belgian(v string) bool {
	n := number(v[:9])
	return 97-n%97 == number(v[9:]) || 97-(n+2000000000)%97 == number(v[9:])
}

func chinese(v string) bool {
	sum := 0
	for i, w := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += w * int(v[i]-'0')
	}
	return "10X98765432"[sum%11] == v[17]
}

// verhoeff checks a number of the dihedral group's scheme.
func verhoeff(v string) bool {
	d := [10]string{"0123456789", "1234067895", "2340178956", "3401289567", "4012395678", "5987604321", "6598710432", "7659821043", "8765932104", "9876543210"}
	p := [8]string{"0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258"}
	c := byte('0')
	for i := range len(v) {
		c = d[c-'0'][p[i%8][v[len(v)-1-i]-'0']-'0']
	}
	return c == '0'
}

// national are the shapes of telephone numbers without a country code that
// nothing else has.
var national = []string{"07ddd dddddd", "07ddd ddd ddd", "07ddd-dddddd", "06 dd dd dd dd", "07 dd dd dd dd", "06.dd.dd.dd.dd", "07.dd.dd.dd.dd", "(0dd) dddd dddd", "(0ddd) ddd dddd", "(dd) ddddd-dddd", "(dd) dddd-dddd"}

// phoneWords stand in front of a telephone number.
var phoneWords = []string{"phone", "tel", "mobil", "handy", "fax", "cell", "téléphone", "portable", "celular", "móvil", "whatsapp", "rufnummer", "numero di", "gsm"}

// isNational reports whether v is a telephone number as people of a country
// write it; before stands in front of it.
func isNational(v string, digits int, before string) bool {
	if digits < 9 || digits > 12 || isFictional(v) {
		return false
	}
	for _, s := range national {
		if shape(v, s) {
			return true
		}
	}
	if v[0] != '0' && v[0] != '(' || strings.Count(v, ".") == 1 || strings.Contains(v, "+") {
		return false
	}
	before = strings.ToLower(before)
	for _, w := range phoneWords {
		if strings.Contains(before, w) {
			return true
		}
	}
	return false
}

// isCard reports whether digits are grouped as on a card, and as many as its
// issuer takes (ISO/IEC 7812): only debit cards have nineteen.
func isCard(v string) bool {
	var groups []int
	digits := 0
	for g := range strings.FieldsFuncSeq(v, func(r rune) bool { return !isDigit(byte(r)) }) {
		groups = append(groups, len(g))
		digits += len(g)
	}
	switch {
	case strings.IndexByte("3456", v[0]) < 0:
		return false
	case len(groups) == 1 && digits > 16:
		return false // as any large number
	case len(groups) == 1:
		return v[0] == '3' && digits <= 16 || v[0] == '4' && (digits == 16 || digits == 13) ||
			v[0] == '6' || v[0] == '5' && (digits == 16 || v[1] == '0' || v[1] >= '6')
	case digits == 14, digits == 15:
		return v[0] == '3' && len(groups) == 3 && groups[0] == 4 && groups[1] == 6
	}
	for _, n := range groups[:len(groups)-1] {
		if n != 4 {
			return false
		}
	}
	return digits == 16 && groups[len(groups)-1] == 4 || digits > 16
}

// luhn checks the sum of a card's number.
func luhn(v string) bool {
	sum, odd := 0, false
	for i := len(v) - 1; i >= 0; i-- {
		if !isDigit(v[i]) {
			continue
		}
		d := int(v[i] - '0')
		if odd {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum, odd = sum+d, !odd
	}
	return sum%10 == 0 && sum > 0
}

// inTable reports whether a number of groups of four is cut out of a longer row
// of such groups. A date of expiry is one group.
func (f *finder) inTable(a, z int) bool {
	n := 0
	before, after := strings.Fields(f.front(a, 11)), strings.Fields(f.back(z, 11))
	for k := len(before) - 1; k >= 0 && len(before[k]) == 4 && isHex(before[k]); k-- {
		n++
	}
	for k := 0; k < len(after) && len(after[k]) == 4 && isHex(after[k]); k++ {
		n++
	}
	return n >= 2
}

// inDump reports whether groups of hex digits stand around a number.
func (f *finder) inDump(a, z int) bool {
	pair := func(s string) bool {
		return len(s) == 2 && isHex(s) || len(s) == 4 && isHex(s) && !isDigits(s)
	}
	before, after := strings.Fields(f.front(a, 8)), strings.Fields(f.back(z, 8))
	return len(before) > 0 && pair(before[len(before)-1]) || len(after) > 0 && pair(after[0])
}

// isFictional reports whether a number is one that films and manuals use.
func isFictional(v string) bool {
	var d []byte
	for i := range len(v) {
		if isDigit(v[i]) {
			d = append(d, v[i])
		}
	}
	s := string(d)
	for _, p := range []string{"07700900", "447700900", "0207946", "02079460", "0612345678", "0123456789", "01234567", "0600000000"} {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return len(s) >= 10 && s[len(s)-7:len(s)-2] == "55501"
}

// spelled takes an address whose sign is written out: ann (at) corp.io.
func (f *finder) spelled(start, end int) {
	if !f.s.pii["email"] {
		return
	}
	a := start
	for a > 0 && f.text[a-1] == ' ' && start-a < 1 {
		a--
	}
	z := a
	for a > 0 && z-a < 64 && (isAlnum(f.text[a-1]) || strings.IndexByte("._%+-", f.text[a-1]) >= 0) {
		a--
	}
	i := skipBlank(f.text, end, min(len(f.text), end+2))
	stop := i
	for stop < len(f.text) && stop-i < 120 && (isAlnum(f.text[stop]) || f.text[stop] == '-' || f.text[stop] == '.') {
		stop++
		for _, dot := range []string{" (dot) ", "(dot)", "[dot]", " [dot] "} {
			if strings.HasPrefix(f.text[stop:], dot) {
				stop += len(dot)
			}
		}
	}
	for stop > i && !isAlnum(f.text[stop-1]) {
		stop--
	}
	domain := strings.NewReplacer(" (dot) ", ".", "(dot)", ".", "[dot]", ".", " [dot] ", ".").Replace(f.text[i:stop])
	if a < z && isMailDomain(domain) && !isNobody(f.text[a:z]+"@"+domain) {
		f.add(a, stop, "email", rankPII)
	}
}
