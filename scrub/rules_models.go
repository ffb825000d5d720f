// SPDX-License-Identifier: Apache-2.0

package scrub

// rulesModels are formats of model providers and their tools.
var rulesModels = []Rule{
	{
		ID: "openai-key", Keywords: []string{"sk-proj-", "sk-svcacct-", "sk-admin-", "sk-None-"}, Sure: true,
		Pattern: `sk-(?:proj|svcacct|admin|None)-[A-Za-z0-9_-]{40,}`,
		Hits:    []string{"sk-proj-{b74}T3BlbkFJ{b74}"},
		Source:  "https://platform.openai.com/docs/api-reference/authentication", Revoke: "https://platform.openai.com/api-keys",
	},
	{
		ID: "openai-legacy-key", Keywords: []string{"T3BlbkFJ"}, Back: tokenChars, Sure: true,
		Pattern: `sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}`,
		Hits:    []string{"sk-{a20}T3BlbkFJ{a20}"},
		Source:  "https://platform.openai.com/docs/api-reference/authentication", Revoke: "https://platform.openai.com/api-keys",
	},
	{
		ID: "anthropic-key", Keywords: []string{"sk-ant-"}, Sure: true,
		Pattern: `sk-ant-[a-z0-9]{3,12}-[A-Za-z0-9_-]{40,120}`,
		Hits:    []string{"sk-ant-api03-{b93}AA", "sk-ant-admin01-{b93}AA"},
		Source:  "https://docs.anthropic.com/en/api/getting-started", Revoke: "https://console.anthropic.com/settings/keys",
	},
	{
		ID: "openrouter-key", Keywords: []string{"sk-or-v1-"}, Sure: true,
		Pattern: `sk-or-v1-[0-9a-f]{64}`,
		Hits:    []string{"sk-or-v1-{h64}"},
		Source:  "https://openrouter.ai/docs/api-reference/authentication", Revoke: "https://openrouter.ai/settings/keys",
	},
	{
		ID: "sk-key", Keywords: []string{"sk-"}, Entropy: 3, Whole: true,
		Pattern: `sk-[A-Za-z0-9]{32,64}`,
		Hits:    []string{"sk-{a48}", "sk-{h32}"},
		Source:  "https://api-docs.deepseek.com/",
	},
	{
		ID: "huggingface-token", Keywords: []string{"hf_", "api_org_"}, Sure: true,
		Pattern: `(?:hf_[A-Za-z0-9]{34,40}|api_org_[A-Za-z0-9]{34})`,
		Hits:    []string{"hf_{a34}"},
		Source:  "https://huggingface.co/docs/hub/security-tokens", Revoke: "https://huggingface.co/settings/tokens",
	},
	{
		ID: "replicate-token", Keywords: []string{"r8_"}, Sure: true,
		Pattern: `r8_[A-Za-z0-9]{37}`,
		Hits:    []string{"r8_{a37}"},
		Source:  "https://replicate.com/docs/topics/security/api-tokens", Revoke: "https://replicate.com/account/api-tokens",
	},
	{
		ID: "groq-key", Keywords: []string{"gsk_"}, Sure: true,
		Pattern: `gsk_[A-Za-z0-9]{48,56}`,
		Hits:    []string{"gsk_{a52}"},
		Source:  "https://console.groq.com/docs/quickstart", Revoke: "https://console.groq.com/keys",
	},
	{
		ID: "xai-key", Keywords: []string{"xai-"}, Sure: true,
		Pattern: `xai-[A-Za-z0-9]{70,90}`,
		Hits:    []string{"xai-{a80}"},
		Source:  "https://docs.x.ai/docs/overview",
	},
	{
		ID: "perplexity-key", Keywords: []string{"pplx-"}, Sure: true,
		Pattern: `pplx-[A-Za-z0-9]{40,64}`,
		Hits:    []string{"pplx-{a48}"},
		Source:  "https://docs.perplexity.ai/guides/getting-started",
	},
	{
		ID: "fireworks-key", Keywords: []string{"fw_"}, Entropy: 3.8, Whole: true,
		Pattern: `fw_[A-Za-z0-9]{22,40}`,
		Hits:    []string{"fw_{a24}"},
		Source:  "https://docs.fireworks.ai/getting-started/quickstart",
	},
	{
		ID: "pinecone-key", Keywords: []string{"pcsk_"}, Sure: true,
		Pattern: `pcsk_[A-Za-z0-9_]{60,80}`,
		Hits:    []string{"pcsk_{a6}_{a63}"},
		Source:  "https://docs.pinecone.io/guides/projects/manage-api-keys",
	},
	{
		ID: "langsmith-key", Keywords: []string{"lsv2_pt_", "lsv2_sk_"}, Sure: true,
		Pattern: `lsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}`,
		Hits:    []string{"lsv2_pt_{h32}_{h10}"},
		Source:  "https://docs.smith.langchain.com/administration/how_to_guides/organization_management/create_account_api_key",
	},
	{
		ID: "langfuse-key", Keywords: []string{"sk-lf-"}, Sure: true,
		Pattern: `sk-lf-[0-9a-f-]{36}`,
		Hits:    []string{"sk-lf-{x}"},
		Source:  "https://langfuse.com/docs/api",
	},
	{
		ID: "wandb-key", Keywords: []string{"wandb_api_key", "wandb_key", "wandb login"}, Fold: true,
		Pattern: `(?i:(?:wandb login (?:--\S+ )*|wandb_(?:api_)?key["\x27]?\s*[=:]\s*["\x27]?)([0-9a-f]{40}))`,
		Hits:    []string{"wandb login {h40}"},
		Source:  "https://docs.wandb.ai/support/find_api_key/",
	},
	{
		ID: "nvidia-key", Keywords: []string{"nvapi-"}, Sure: true,
		Pattern: `nvapi-[A-Za-z0-9_-]{60,70}`,
		Hits:    []string{"nvapi-{b64}"},
		Source:  "https://docs.api.nvidia.com/nim/docs/api-quickstart",
	},
	{
		ID: "cerebras-key", Keywords: []string{"csk-"}, Sure: true,
		Pattern: `csk-[a-z0-9]{48}`,
		Hits:    []string{"csk-{l48}"},
		Source:  "https://inference-docs.cerebras.ai/quickstart",
	},
	{
		ID: "tavily-key", Keywords: []string{"tvly-"}, Sure: true,
		Pattern: `tvly-(?:dev-|prod-)?[A-Za-z0-9]{32}`,
		Hits:    []string{"tvly-{a32}"},
		Source:  "https://docs.tavily.com/documentation/api-reference/introduction",
	},
	{
		ID: "jina-key", Keywords: []string{"jina_"}, Sure: true,
		Pattern: `jina_[A-Za-z0-9_-]{60}`,
		Hits:    []string{"jina_{a60}"},
		Source:  "https://jina.ai/reader/",
	},
	{
		ID: "voyage-key", Keywords: []string{"pa-"}, Entropy: 4.2, Whole: true,
		Pattern: `pa-[A-Za-z0-9_-]{43}`,
		Hits:    []string{"pa-{b43}"},
		Source:  "https://docs.voyageai.com/docs/api-key-and-installation",
	},
	{
		ID: "elevenlabs-key", Keywords: []string{"sk_"},
		Pattern: `sk_[0-9a-f]{48}`,
		Hits:    []string{"sk_{h48}"},
		Source:  "https://elevenlabs.io/docs/api-reference/authentication",
	},
	{
		ID: "gradient-comet-key", Keywords: []string{"comet_api_key"}, Named: true,
		Pattern: `[A-Za-z0-9]{25}`,
		Hits:    []string{"COMET_API_KEY={a25}"},
		Source:  "https://www.comet.com/docs/v2/guides/experiment-management/configure-sdk/",
	},
	{
		ID: "llamacloud-key", Keywords: []string{"llx-"}, Sure: true,
		Pattern: `llx-[A-Za-z0-9]{48}`,
		Hits:    []string{"llx-{a48}"},
		Source:  "https://docs.cloud.llamaindex.ai/api_key",
	},
	{
		ID: "e2b-key", Keywords: []string{"e2b_"}, Sure: true,
		Pattern: `e2b_[0-9a-f]{40}`,
		Hits:    []string{"e2b_{h40}"},
		Source:  "https://e2b.dev/docs/api-key",
	},
	{
		ID: "modal-token", Keywords: []string{"ak-", "as-"}, Entropy: 3.9, Whole: true,
		Pattern: `a[ks]-[A-Za-z0-9]{22}`,
		Hits:    []string{"ak-{a22}"},
		Source:  "https://modal.com/docs/reference/cli/token",
	},
}
