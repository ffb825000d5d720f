// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"review-assistant/review"
	"review-assistant/scrub"
)

// Files in which rights are given: appManifests, policies, settings.
var (
	policies     = re(`\.(?:ya?ml|json|tf|tfvars|hcl|bicep)$`)
	appManifests = re(`(?:^|/)AndroidManifest\.xml$|\.(?:plist|entitlements)$|(?:^|/)manifest\.json$`)
	gerritACL    = re(`(?:^|/)project\.config$`)
)

// givesRights reports whether rights are given in a file of this name.
func givesRights(name string) bool {
	return policies.MatchString(name) || appManifests.MatchString(name) || gerritACL.MatchString(name)
}

// rights are risks of who may do what. Sources: the reference pages of
// Kubernetes RBAC and pod security, of IAM policies, of Android permissions
// and of Gerrit's access sections.
var rights = []risk{
	{review.OpAdd, re(`(?i)\bcluster-admin\b|^\s*kind:\s*ClusterRoleBinding\b`), "cluster", 9, false, scrub.Lit("rights in the whole cluster are given"), policies, false},
	{review.OpAdd, re(`^\s*-?\s*(?:verbs|resources|apiGroups)\s*:\s*\[[^\]]*["']\*["']`), "verbs resources apigroups", 9, false, scrub.Lit("a role may do everything of a kind"), policies, false},
	{review.OpAdd, re(`^\s*(?:privileged|hostNetwork|hostPID|hostIPC|allowPrivilegeEscalation)\s*:\s*true\b|^\s*runAsUser\s*:\s*0\b|^\s*runAsNonRoot\s*:\s*false\b|^\s*-?\s*hostPath\s*:|\bSYS_ADMIN\b`), "privileged host privilege runas sys_admin", 9, false, scrub.Lit("a container gets rights over its host"), policies, false},
	{review.OpAdd, re(`(?i)"?actions?"?\s*[:=]\s*\[?\s*"(?:\w+:)?\*"`), "action", 10, false, scrub.Lit("a policy allows every action"), policies, false},
	{review.OpAdd, re(`(?i)"?(?:principals?|identifiers|members?)"?\s*[:=]\s*(?:\{\s*"AWS"\s*:\s*)?\[?\s*"(?:\*|allUsers|allAuthenticatedUsers)"`), "principal identifiers member", 10, false, scrub.Lit("everybody is let in"), policies, false},
	{review.OpAdd, re(`["']?(?:0\.0\.0\.0|::)/0\b`), "/0", 9, false, scrub.Lit("the whole Internet is let in"), policies, false},
	{review.OpAdd, re(`(?i)\bacl\s*[:=]\s*"public-read|"?public(?:ly)?_?access(?:ible)?"?\s*[:=]\s*"?true`), "public", 9, false, scrub.Lit("data becomes public"), policies, false},
	{review.OpAdd, re(`<uses-permission\b|"(?:permissions|host_permissions)"\s*:|<key>(?:NS\w+UsageDescription|com\.apple\.security\.[\w.-]+)</key>`), "permission usagedescription com.apple.security", 8, false, scrub.Lit("the program asks for a right"), appManifests, false},
	{review.OpAdd, re(`^\s*(?:push|submit|delete|forge\w+|createRef|owner|label-\S+|read)\s*=\s*(?:\+force\s+)?(?:[-+.\d]+\s+)?group\s`), "group", 9, false, scrub.Lit("a group gets a right"), gerritACL, false},
	{review.OpRemove, re(`^\s*(?:push|submit|delete|forge\w+|createRef|owner|label-\S+|read)\s*=\s*(?:block|deny)\b|^\s*exclusiveGroupPermissions\b`), "block deny exclusive", 9, false, scrub.Lit("a right is no longer taken away"), gerritACL, false},
	{review.OpRemove, re(`@(?:PreAuthorize|RolesAllowed|Secured|login_required|permission_required)\b|\[Authorize\b|\bbefore_action\s+:(?:authenticate|authorize)|->middleware\(\s*["']auth`), "@ authorize before_action middleware", 9, false, scrub.Lit("an access check goes away"), nil, true},
	{review.OpAdd, re(`\.permitAll\(\)|\[AllowAnonymous\b|\bskip_before_action\s+:(?:authenticate|authorize|verify)|@csrf_exempt\b|csrf\(\)\.disable|AllowAny\b`), "permitall allowanonymous skip_before_action csrf allowany", 9, false, scrub.Lit("requests pass without a check"), nil, true},
	{review.OpAdd, re(`(?i)access-control-allow-origin["']?\s*[,:=]\s*["']\*|\bcors\b.*["']\*["']`), "access-control cors", 8, false, scrub.Lit("every site may call this"), nil, true},
	{review.OpAdd, re(`(?i)\bgrant\b.*\bto\s+(?:"?public"?|'%'|\*)`), "grant", 10, false, scrub.Lit("everybody gets a right in the database"), nil, true},
	{review.OpAdd, re(`(?i)^\s*grant\s+\w.*\bto\s+\w`), "grant", 7, false, scrub.Lit("a right in the database is given"), nil, true},
	{review.OpAdd, re(`\bchmod\s+(?:-R\s+)?(?:0?777|a\+w|o\+w)\b|os\.Chmod\([^)]*0o?777|setuid|NOPASSWD`), "chmod setuid nopasswd", 8, false, scrub.Lit("everybody may write, or act as somebody else"), nil, true},
}
