// SPDX-License-Identifier: Apache-2.0
// Written by scripts/generate.js: do not change it by hand.
import type { components } from './api';

/** One answer of each route for people, by its operation. @public */
export const exampleAnswers: {
  me: components['schemas']['Me'];
  reviews: components['schemas']['Changes'];
  change: components['schemas']['Detail'];
  changes: components['schemas']['Changes'];
  componentChange: components['schemas']['Detail'];
  branches: components['schemas']['Branches'];
  activity: components['schemas']['Activities'];
  componentFailures: components['schemas']['Failures'];
  failures: components['schemas']['Failures'];
} = {
  "me": {
    "issuer": "https://id.example",
    "subject": "jane",
    "entity": "user:default/jane",
    "accounts": [
      {
        "host": "main",
        "name": "Jane",
        "username": "jane"
      }
    ],
    "roles": [],
    "until": "2026-03-02T13:00:00Z"
  },
  "reviews": {
    "changes": [
      {
        "id": "main/team/pay~7",
        "host": "main",
        "project": "team/pay",
        "number": 7,
        "branch": "main",
        "subject": "Retry a payment once",
        "status": "NEW",
        "wip": false,
        "url": "https://gerrit.example/c/team/pay/+/7",
        "owner": {
          "name": "Joe",
          "entity": "user:default/joe"
        },
        "patch_set": 2,
        "created": "2026-02-28T12:00:00Z",
        "updated": "2026-03-02T11:00:00Z",
        "state": "summarized",
        "says": "The bot summarized patch set 2.",
        "summary": {
          "patch_set": 2,
          "stale": false,
          "title": "Payments are retried once",
          "bullets": [
            "A second attempt after 5 s"
          ],
          "severity": "medium",
          "look": 1,
          "model": "",
          "created": "2026-03-02T11:00:00Z"
        },
        "builds": {
          "failed": 1,
          "classes": {
            "flaky": 1
          }
        },
        "reviewers": [
          {
            "name": "Ann",
            "entity": "user:default/ann"
          },
          {
            "name": "Bob"
          }
        ],
        "labels": [
          {
            "name": "Code-Review",
            "state": "recommended",
            "votes": [
              {
                "value": 1,
                "person": {
                  "name": "Bob"
                }
              }
            ]
          },
          {
            "name": "Verified",
            "state": "none",
            "votes": []
          }
        ],
        "submit": {
          "ready": false,
          "requirements": [
            {
              "name": "Code-Review",
              "status": "unsatisfied"
            }
          ]
        },
        "picks": [
          {
            "name": "Ann",
            "entity": "user:default/ann",
            "reasons": [
              "wrote most of pay/retry.go"
            ]
          },
          {
            "name": "Bob",
            "reasons": [
              "owns pay/ according to the catalog"
            ],
            "rest": true
          }
        ],
        "waits": "attention"
      }
    ],
    "next": null
  },
  "change": {
    "id": "main/team/pay~7",
    "host": "main",
    "project": "team/pay",
    "number": 7,
    "branch": "main",
    "subject": "Retry a payment once",
    "status": "NEW",
    "wip": false,
    "url": "https://gerrit.example/c/team/pay/+/7",
    "owner": {
      "name": "Joe",
      "entity": "user:default/joe"
    },
    "patch_set": 2,
    "created": "2026-02-28T12:00:00Z",
    "updated": "2026-03-02T11:00:00Z",
    "state": "summarized",
    "says": "The bot summarized patch set 2.",
    "summary": {
      "patch_set": 2,
      "stale": false,
      "title": "Payments are retried once",
      "bullets": [
        "A second attempt after 5 s"
      ],
      "severity": "medium",
      "look": 1,
      "model": "",
      "created": "2026-03-02T11:00:00Z"
    },
    "builds": {
      "failed": 1,
      "classes": {
        "flaky": 1
      },
      "failures": [
        {
          "id": "unit-812#1",
          "jobs": [
            "unit"
          ],
          "stage": "test",
          "category": "test",
          "test": "TestRetry",
          "message": "TestRetry failed",
          "file": "pay/retry_test.go",
          "line": 31,
          "cluster": "0123456789abcdef",
          "class": "flaky",
          "odds": {
            "change": 0.1,
            "preexisting": 0,
            "flaky": 0.9,
            "infra": 0
          },
          "evidence": [
            "passed and failed on this patch set"
          ],
          "ruling": {
            "class": "flaky",
            "message": "known since Monday",
            "link": "https://tickets.example/1",
            "by": "user:default/joe",
            "at": "2026-03-02T11:00:00Z"
          },
          "blocks": 1,
          "excerpt": [
            {
              "number": 12,
              "text": "--- FAIL: TestRetry"
            }
          ],
          "url": "https://ci.example/7"
        }
      ]
    },
    "full": {
      "change": "main/team/pay~7",
      "patch_set": 2,
      "revision": "abababababababababababababababababababab",
      "subject": "Retry a payment once",
      "title": "Payments are retried once",
      "bullets": [
        "A second attempt after 5 s"
      ],
      "look": [
        {
          "path": "pay/retry.go",
          "line": 12,
          "text": "No bound on the total time",
          "severity": "medium"
        }
      ],
      "risks": [],
      "order": [
        "pay/retry.go"
      ],
      "files": [
        {
          "path": "pay/retry.go",
          "text": "the second attempt",
          "importance": "high"
        }
      ],
      "facts": [
        "1 file, 20 lines"
      ],
      "not_read": [],
      "text": "Payments are retried once",
      "model": "",
      "audit": "a1-17",
      "created": "2026-03-02T11:00:00Z"
    },
    "reviewers": [
      {
        "name": "Ann",
        "entity": "user:default/ann"
      },
      {
        "name": "Bob"
      }
    ],
    "labels": [
      {
        "name": "Code-Review",
        "state": "recommended",
        "votes": [
          {
            "value": 1,
            "person": {
              "name": "Bob"
            }
          }
        ]
      },
      {
        "name": "Verified",
        "state": "none",
        "votes": []
      }
    ],
    "submit": {
      "ready": false,
      "requirements": [
        {
          "name": "Code-Review",
          "status": "unsatisfied"
        }
      ]
    },
    "picks": [
      {
        "name": "Ann",
        "entity": "user:default/ann",
        "reasons": [
          "wrote most of pay/retry.go"
        ]
      },
      {
        "name": "Bob",
        "reasons": [
          "owns pay/ according to the catalog"
        ],
        "rest": true
      }
    ],
    "outcomes": [
      {
        "patch_set": 2,
        "kind": "summary",
        "verdict": "posted",
        "reason": "new-code",
        "says": "Posted: there is new code.",
        "audit": "a1-17",
        "at": "2026-03-02T11:00:00Z"
      }
    ]
  },
  "changes": {
    "changes": [
      {
        "id": "main/team/pay~7",
        "host": "main",
        "project": "team/pay",
        "number": 7,
        "branch": "main",
        "subject": "Retry a payment once",
        "status": "NEW",
        "wip": false,
        "url": "https://gerrit.example/c/team/pay/+/7",
        "owner": {
          "name": "Joe",
          "entity": "user:default/joe"
        },
        "patch_set": 2,
        "created": "2026-02-28T12:00:00Z",
        "updated": "2026-03-02T11:00:00Z",
        "state": "summarized",
        "says": "The bot summarized patch set 2.",
        "summary": {
          "patch_set": 2,
          "stale": false,
          "title": "Payments are retried once",
          "bullets": [
            "A second attempt after 5 s"
          ],
          "severity": "medium",
          "look": 1,
          "model": "",
          "created": "2026-03-02T11:00:00Z"
        },
        "builds": {
          "failed": 1,
          "classes": {
            "flaky": 1
          }
        },
        "reviewers": [
          {
            "name": "Ann",
            "entity": "user:default/ann"
          },
          {
            "name": "Bob"
          }
        ],
        "labels": [
          {
            "name": "Code-Review",
            "state": "recommended",
            "votes": [
              {
                "value": 1,
                "person": {
                  "name": "Bob"
                }
              }
            ]
          },
          {
            "name": "Verified",
            "state": "none",
            "votes": []
          }
        ],
        "submit": {
          "ready": false,
          "requirements": [
            {
              "name": "Code-Review",
              "status": "unsatisfied"
            }
          ]
        },
        "picks": [
          {
            "name": "Ann",
            "entity": "user:default/ann",
            "reasons": [
              "wrote most of pay/retry.go"
            ]
          },
          {
            "name": "Bob",
            "reasons": [
              "owns pay/ according to the catalog"
            ],
            "rest": true
          }
        ]
      },
      {
        "id": "main/team/pay~6",
        "host": "main",
        "project": "team/pay",
        "number": 6,
        "branch": "main",
        "subject": "Retry a payment once",
        "status": "NEW",
        "wip": false,
        "url": "https://gerrit.example/c/team/pay/+/6",
        "owner": {
          "name": "Joe",
          "entity": "user:default/joe"
        },
        "patch_set": 2,
        "created": "2026-02-28T12:00:00Z",
        "updated": "2026-03-02T11:00:00Z",
        "state": "summarized",
        "says": "The bot summarized patch set 2.",
        "summary": {
          "patch_set": 2,
          "stale": false,
          "title": "Payments are retried once",
          "bullets": [
            "A second attempt after 5 s"
          ],
          "severity": "medium",
          "look": 1,
          "model": "",
          "created": "2026-03-02T11:00:00Z"
        },
        "builds": {
          "failed": 1,
          "classes": {
            "flaky": 1
          }
        },
        "reviewers": [
          {
            "name": "Ann",
            "entity": "user:default/ann"
          },
          {
            "name": "Bob"
          }
        ],
        "labels": [
          {
            "name": "Code-Review",
            "state": "recommended",
            "votes": [
              {
                "value": 1,
                "person": {
                  "name": "Bob"
                }
              }
            ]
          },
          {
            "name": "Verified",
            "state": "none",
            "votes": []
          }
        ],
        "submit": {
          "ready": false,
          "requirements": [
            {
              "name": "Code-Review",
              "status": "unsatisfied"
            }
          ]
        },
        "picks": [
          {
            "name": "Ann",
            "entity": "user:default/ann",
            "reasons": [
              "wrote most of pay/retry.go"
            ]
          },
          {
            "name": "Bob",
            "reasons": [
              "owns pay/ according to the catalog"
            ],
            "rest": true
          }
        ]
      }
    ],
    "mode": "on",
    "next": null
  },
  "componentChange": {
    "id": "main/team/pay~7",
    "host": "main",
    "project": "team/pay",
    "number": 7,
    "branch": "main",
    "subject": "Retry a payment once",
    "status": "NEW",
    "wip": false,
    "url": "https://gerrit.example/c/team/pay/+/7",
    "owner": {
      "name": "Joe",
      "entity": "user:default/joe"
    },
    "patch_set": 2,
    "created": "2026-02-28T12:00:00Z",
    "updated": "2026-03-02T11:00:00Z",
    "state": "summarized",
    "says": "The bot summarized patch set 2.",
    "summary": {
      "patch_set": 2,
      "stale": false,
      "title": "Payments are retried once",
      "bullets": [
        "A second attempt after 5 s"
      ],
      "severity": "medium",
      "look": 1,
      "model": "",
      "created": "2026-03-02T11:00:00Z"
    },
    "builds": {
      "failed": 1,
      "classes": {
        "flaky": 1
      },
      "failures": [
        {
          "id": "unit-812#1",
          "jobs": [
            "unit"
          ],
          "stage": "test",
          "category": "test",
          "test": "TestRetry",
          "message": "TestRetry failed",
          "file": "pay/retry_test.go",
          "line": 31,
          "cluster": "0123456789abcdef",
          "class": "flaky",
          "odds": {
            "change": 0.1,
            "preexisting": 0,
            "flaky": 0.9,
            "infra": 0
          },
          "evidence": [
            "passed and failed on this patch set"
          ],
          "ruling": {
            "class": "flaky",
            "message": "known since Monday",
            "link": "https://tickets.example/1",
            "by": "user:default/joe",
            "at": "2026-03-02T11:00:00Z"
          },
          "blocks": 1,
          "excerpt": [
            {
              "number": 12,
              "text": "--- FAIL: TestRetry"
            }
          ],
          "url": "https://ci.example/7"
        }
      ]
    },
    "full": {
      "change": "main/team/pay~7",
      "patch_set": 2,
      "revision": "abababababababababababababababababababab",
      "subject": "Retry a payment once",
      "title": "Payments are retried once",
      "bullets": [
        "A second attempt after 5 s"
      ],
      "look": [
        {
          "path": "pay/retry.go",
          "line": 12,
          "text": "No bound on the total time",
          "severity": "medium"
        }
      ],
      "risks": [],
      "order": [
        "pay/retry.go"
      ],
      "files": [
        {
          "path": "pay/retry.go",
          "text": "the second attempt",
          "importance": "high"
        }
      ],
      "facts": [
        "1 file, 20 lines"
      ],
      "not_read": [],
      "text": "Payments are retried once",
      "model": "",
      "audit": "a1-17",
      "created": "2026-03-02T11:00:00Z"
    },
    "reviewers": [
      {
        "name": "Ann",
        "entity": "user:default/ann"
      },
      {
        "name": "Bob"
      }
    ],
    "labels": [
      {
        "name": "Code-Review",
        "state": "recommended",
        "votes": [
          {
            "value": 1,
            "person": {
              "name": "Bob"
            }
          }
        ]
      },
      {
        "name": "Verified",
        "state": "none",
        "votes": []
      }
    ],
    "submit": {
      "ready": false,
      "requirements": [
        {
          "name": "Code-Review",
          "status": "unsatisfied"
        }
      ]
    },
    "picks": [
      {
        "name": "Ann",
        "entity": "user:default/ann",
        "reasons": [
          "wrote most of pay/retry.go"
        ]
      },
      {
        "name": "Bob",
        "reasons": [
          "owns pay/ according to the catalog"
        ],
        "rest": true
      }
    ],
    "outcomes": [
      {
        "patch_set": 2,
        "kind": "summary",
        "verdict": "posted",
        "reason": "new-code",
        "says": "Posted: there is new code.",
        "audit": "a1-17",
        "at": "2026-03-02T11:00:00Z"
      }
    ]
  },
  "branches": {
    "host": "main",
    "project": "team/pay",
    "mode": "on",
    "branches": [
      {
        "branch": "main",
        "default": true,
        "open": 2,
        "ready": 1,
        "build": {
          "result": "failed",
          "ended": "2026-03-02T11:00:00Z",
          "runs": [
            {
              "job": "unit",
              "result": "failed",
              "ended": "2026-03-02T11:00:00Z",
              "url": "https://ci.example/8"
            },
            {
              "job": "lint",
              "result": "passed",
              "ended": "2026-03-02T10:00:00Z",
              "url": "https://ci.example/9"
            }
          ]
        }
      },
      {
        "branch": "stable",
        "open": 1,
        "ready": 0,
        "build": null
      }
    ]
  },
  "activity": {
    "activity": [
      {
        "seq": 7,
        "change": "main/team/pay~7",
        "subject": "Retry a payment once",
        "url": "https://gerrit.example/c/team/pay/+/7",
        "patch_set": 2,
        "kind": "summary",
        "verdict": "posted",
        "reason": "new-code",
        "says": "Posted: there is new code.",
        "at": "2026-03-02T11:00:00Z"
      },
      {
        "seq": 6,
        "change": "main/team/pay~6",
        "subject": "Retry a payment once",
        "url": "https://gerrit.example/c/team/pay/+/6",
        "patch_set": 2,
        "kind": "summary",
        "verdict": "posted",
        "reason": "new-code",
        "says": "Posted: there is new code.",
        "at": "2026-03-02T11:00:00Z"
      }
    ],
    "mode": "on",
    "next": null
  },
  "componentFailures": {
    "host": "main",
    "project": "team/pay",
    "mode": "on",
    "builds": true,
    "clusters": [
      {
        "fingerprint": "0123456789abcdef",
        "title": "TestRetry failed",
        "test": "TestRetry",
        "stage": "test",
        "category": "test",
        "jobs": [
          "unit"
        ],
        "class": "flaky",
        "shown": "flaky",
        "odds": {
          "change": 0.1,
          "preexisting": 0,
          "flaky": 0.9,
          "infra": 0
        },
        "first": "2026-03-02T10:00:00Z",
        "last": "2026-03-02T11:00:00Z",
        "runs": 3,
        "changes": 2,
        "blocked": [
          7
        ],
        "hours": 1.5,
        "score": 3,
        "evidence": [
          "It passed twice on the same code."
        ],
        "sample": {
          "stage": "test",
          "category": "test",
          "test": "TestRetry",
          "message": "TestRetry failed",
          "fingerprint": "0123456789abcdef",
          "excerpt": [
            {
              "number": 12,
              "text": "--- FAIL: TestRetry"
            }
          ]
        },
        "url": "https://ci.example/7"
      }
    ]
  },
  "failures": {
    "host": "main",
    "project": "team/pay",
    "mode": "on",
    "builds": true,
    "clusters": [
      {
        "fingerprint": "0123456789abcdef",
        "title": "TestRetry failed",
        "test": "TestRetry",
        "stage": "test",
        "category": "test",
        "jobs": [
          "unit"
        ],
        "class": "flaky",
        "shown": "flaky",
        "odds": {
          "change": 0.1,
          "preexisting": 0,
          "flaky": 0.9,
          "infra": 0
        },
        "first": "2026-03-02T10:00:00Z",
        "last": "2026-03-02T11:00:00Z",
        "runs": 3,
        "changes": 2,
        "blocked": [
          7
        ],
        "hours": 1.5,
        "score": 3,
        "evidence": [
          "It passed twice on the same code."
        ],
        "sample": {
          "stage": "test",
          "category": "test",
          "test": "TestRetry",
          "message": "TestRetry failed",
          "fingerprint": "0123456789abcdef",
          "excerpt": [
            {
              "number": 12,
              "text": "--- FAIL: TestRetry"
            }
          ]
        },
        "url": "https://ci.example/7"
      }
    ]
  }
};

/** One error of each sort. @public */
export const exampleProblems: {
  BadDays: components['schemas']['Problem'];
  BadEventID: components['schemas']['Problem'];
  BadMark: components['schemas']['Problem'];
  BadPage: components['schemas']['Problem'];
  BadParameter: components['schemas']['Problem'];
  Encoded: components['schemas']['Problem'];
  Internal: components['schemas']['Problem'];
  Later: components['schemas']['Problem'];
  NoAccount: components['schemas']['Problem'];
  NoBuildToken: components['schemas']['Problem'];
  NoComponent: components['schemas']['Problem'];
  NoGerrit: components['schemas']['Problem'];
  NoOwner: components['schemas']['Problem'];
  NoParts: components['schemas']['Problem'];
  NoPeople: components['schemas']['Problem'];
  NoProject: components['schemas']['Problem'];
  NoRight: components['schemas']['Problem'];
  NoRole: components['schemas']['Problem'];
  NoUpload: components['schemas']['Problem'];
  NotNow: components['schemas']['Problem'];
  NotProven: components['schemas']['Problem'];
  NotTaken: components['schemas']['Problem'];
  NothingToShow: components['schemas']['Problem'];
  OtherOffset: components['schemas']['Problem'];
  TooLarge: components['schemas']['Problem'];
  TooManyStreams: components['schemas']['Problem'];
  TooOften: components['schemas']['Problem'];
  TooSlow: components['schemas']['Problem'];
  UploadComplete: components['schemas']['Problem'];
} = {
  "BadDays": {
    "type": "about:blank",
    "title": "bad days",
    "status": 400,
    "detail": "days is not 30, 90 or 180",
    "next": "leave it out for 90",
    "reason": "bad-request"
  },
  "BadEventID": {
    "type": "about:blank",
    "title": "bad event id",
    "status": 400,
    "detail": "Last-Event-ID, or after, is no id of an event",
    "next": "send an id as a stream gave it, or none and read the lists anew",
    "reason": "bad-request"
  },
  "BadMark": {
    "type": "about:blank",
    "title": "bad mark",
    "status": 400,
    "detail": "the body is not the JSON of one mark, or has more than 8 KiB",
    "next": "send {\"host\":\"ID\",\"project\":\"NAME\",\"as\":\"flaky\"}, with note and link if you like",
    "reason": "bad-request"
  },
  "BadPage": {
    "type": "about:blank",
    "title": "bad page",
    "status": 400,
    "detail": "limit, after or wait is no number in range",
    "next": "use limit from 1 to 500, after from an earlier answer or -1 for the newest, wait up to 25 seconds",
    "reason": "bad-request"
  },
  "BadParameter": {
    "type": "about:blank",
    "title": "bad parameter",
    "status": 400,
    "detail": "there is no parameter \"colour\"",
    "next": "the parameters are limit, cursor, fields, host",
    "reason": "bad-request"
  },
  "Encoded": {
    "type": "about:blank",
    "title": "encoded body",
    "status": 415,
    "detail": "only gzip is accepted as a content encoding",
    "next": "send the body as it is, or with Content-Encoding: gzip",
    "reason": "bad-encoding"
  },
  "Internal": {
    "type": "about:blank",
    "title": "internal error",
    "status": 500,
    "detail": "something went wrong inside",
    "next": "look into the server's log",
    "reason": "internal"
  },
  "Later": {
    "type": "about:blank",
    "title": "not taken now",
    "status": 429,
    "detail": "as many requests as this server holds wait for news already",
    "next": "send it again later; nothing of it was kept",
    "reason": "overload"
  },
  "NoAccount": {
    "type": "about:blank",
    "title": "not allowed",
    "status": 403,
    "detail": "no account of Gerrit was found for the person",
    "next": "sign in to Gerrit once, or ask the operator to map the person",
    "reason": "no-account"
  },
  "NoBuildToken": {
    "type": "about:blank",
    "title": "not authorized",
    "status": 401,
    "detail": "the bearer token is missing or not valid",
    "next": "send a token of builds.tokens as Authorization: Bearer TOKEN",
    "reason": "bad-token"
  },
  "NoComponent": {
    "type": "about:blank",
    "title": "no such component",
    "status": 404,
    "detail": "the catalog has no such entity, or none whose code is in a configured Gerrit",
    "next": "write its kind, namespace and name as the catalog has them, and annotate it with its project",
    "reason": "not-found"
  },
  "NoGerrit": {
    "type": "about:blank",
    "title": "no such Gerrit",
    "status": 404,
    "detail": "host is not the id of a configured Gerrit",
    "next": "give gerrit.id of the server's configuration as host",
    "reason": "not-found"
  },
  "NoOwner": {
    "type": "about:blank",
    "title": "not allowed",
    "status": 403,
    "detail": "only owners of the project mark its failures",
    "next": "ask one of the project's owners in Gerrit",
    "reason": "no-owner"
  },
  "NoParts": {
    "type": "about:blank",
    "title": "no uploads in parts",
    "status": 501,
    "detail": "this server keeps no parts of uploads",
    "next": "send the build in one request, or ask the operator to set builds.spool to a folder",
    "reason": "not-offered"
  },
  "NoPeople": {
    "type": "about:blank",
    "title": "no people",
    "status": 501,
    "detail": "this server lets no person in",
    "next": "ask the operator to set identity.providers and, for a portal, identity.services",
    "reason": "not-offered"
  },
  "NoProject": {
    "type": "about:blank",
    "title": "no such project",
    "status": 404,
    "detail": "host and project name none that this server knows, or one that has not opted in",
    "next": "give gerrit.id of the server's configuration as host, and the project's name as Gerrit has it",
    "reason": "not-found"
  },
  "NoRight": {
    "type": "about:blank",
    "title": "not allowed",
    "status": 403,
    "detail": "the token does not have the right for this",
    "next": "ask the operator for a token whose builds.tokens.may names it",
    "reason": "no-right"
  },
  "NoRole": {
    "type": "about:blank",
    "title": "not allowed",
    "status": 403,
    "detail": "the person has none of the roles that this needs",
    "next": "ask the operator for a role: operator or auditor",
    "reason": "no-role"
  },
  "NoUpload": {
    "type": "about:blank",
    "title": "no such upload",
    "status": 404,
    "detail": "there is no upload of this name for this token; it may be too old",
    "next": "begin again with a POST",
    "reason": "not-found"
  },
  "NotNow": {
    "type": "about:blank",
    "title": "not available now",
    "status": 503,
    "detail": "somebody who is needed to answer does not: identity provider, Gerrit or store",
    "next": "ask again later",
    "reason": "not-now"
  },
  "NotProven": {
    "type": "about:blank",
    "title": "not authorized",
    "status": 401,
    "detail": "the token's time is over",
    "next": "sign in again, or refresh the token",
    "reason": "token-expired"
  },
  "NotTaken": {
    "type": "about:blank",
    "title": "not kept",
    "status": 422,
    "detail": "the note has more than 200 characters",
    "next": "mend the request and send it again",
    "reason": "not-understood"
  },
  "NothingToShow": {
    "type": "about:blank",
    "title": "nothing to show",
    "status": 404,
    "detail": "there is nothing of this name, or Gerrit does not show it to this person",
    "next": "compare the name with Gerrit; the same account has to see it there",
    "reason": "not-shown"
  },
  "OtherOffset": {
    "type": "https://iana.org/assignments/http-problem-types#mismatching-upload-offset",
    "title": "another offset",
    "status": 409,
    "detail": "the upload is at byte 4096",
    "next": "go on from there, as Upload-Offset says",
    "reason": "bad-offset"
  },
  "TooLarge": {
    "type": "about:blank",
    "title": "body too large",
    "status": 413,
    "detail": "the body has more than 67108864 bytes as it is sent",
    "next": "send the part of the log around the failure, or the report of the tests alone",
    "reason": "too-large"
  },
  "TooManyStreams": {
    "type": "about:blank",
    "title": "too many streams",
    "status": 429,
    "detail": "this person has as many streams of events open as is allowed: 10",
    "next": "close one, or read the lists again now and then",
    "reason": "too-many-streams"
  },
  "TooOften": {
    "type": "about:blank",
    "title": "too many requests",
    "status": 429,
    "detail": "this person asks more often than is allowed",
    "next": "ask again later, with If-None-Match what is known already",
    "reason": "too-often"
  },
  "TooSlow": {
    "type": "about:blank",
    "title": "too slow",
    "status": 408,
    "detail": "the body stopped, or took too long as a whole",
    "next": "send it again, in parts by the resumable protocol where the line is bad",
    "reason": "too-slow"
  },
  "UploadComplete": {
    "type": "about:blank",
    "title": "upload complete",
    "status": 400,
    "detail": "the upload was complete before",
    "next": "none: the build was taken",
    "reason": "bad-request"
  }
};
