// Made from openapi.json by scripts/generate.ts.

export interface paths {
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the process answers. */
        get: operations["getHealthz"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the gateway can do its work: its stores answer and it is not stopping. */
        get: operations["getReadyz"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/overview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Requests, how long they took, and logins over the last hours, of all nodes together. */
        get: operations["getApiV1AdminOverview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/upstreams": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The services behind the door: where requests go, and what is well there, as the node that answers sees it. */
        get: operations["getApiV1AdminUpstreams"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/portal": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a page of the portal shows around its own content: who you are, where you may go, notices, your session’s ends. */
        get: operations["getApiV1Portal"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/apps": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The services behind this door: which of them you may open, why not, and what they need from you. */
        get: operations["getApiV1Apps"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The accounts that you can connect to your session, and which of them are connected. */
        get: operations["getApiV1Accounts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/preferences": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How you want the pages. */
        get: operations["getApiV1Preferences"];
        /** Sets how you want the pages, in every browser that you log in with. */
        put: operations["putApiV1Preferences"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/explain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Says whether somebody may send a request, by which rule, and what is missing, as `gatehouse explain` does. Nothing is sent or changed. */
        post: operations["postApiV1AdminExplain"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists your sessions, the one used last first. */
        get: operations["getApiV1Sessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sessions/current": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Says who you are and how long your session has. Asking does not extend it. */
        get: operations["getApiV1SessionsCurrent"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sessions/current/extend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Moves the idle end of your session as far as it goes. The absolute end stays. */
        post: operations["postApiV1SessionsCurrentExtend"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sessions/{ref}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Ends one of your sessions, on every node and with everything that it has open. */
        delete: operations["deleteApiV1SessionsRef"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who I am here: names, groups, and whether I am an administrator. */
        get: operations["getApiV1Me"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The users who have ever logged in, by provider and subject, a page at a time. */
        get: operations["getApiV1AdminUsers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One user. */
        get: operations["getApiV1AdminUsersId"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/users/{id}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Lets in somebody who waits or was refused, and writes to them. */
        post: operations["postApiV1AdminUsersIdApprove"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/users/{id}/refuse": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Keeps out somebody who waits, ends their sessions everywhere, and writes to them. */
        post: operations["postApiV1AdminUsersIdRefuse"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/users/{id}/disable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Disables a user and ends their sessions everywhere. */
        post: operations["postApiV1AdminUsersIdDisable"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/users/{id}/enable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Lets a disabled user log in again. */
        post: operations["postApiV1AdminUsersIdEnable"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/users/{id}/roles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Gives a user exactly these roles. Needs a recent login. */
        put: operations["putApiV1AdminUsersIdRoles"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is logged in, a page at a time: the people who logged in last first. A page may hold fewer than asked for, or none, where others follow. */
        get: operations["getApiV1AdminSessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/sessions/{ref}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Ends a session, on every node and with everything that it has open. */
        delete: operations["deleteApiV1AdminSessionsRef"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/users/{id}/end-sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ends all sessions of a user everywhere; they may log in again. */
        post: operations["postApiV1AdminUsersIdEndSessions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/groups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The groups that Gatehouse keeps itself, by name. */
        get: operations["getApiV1AdminGroups"];
        put?: never;
        /** Makes a group, with nobody in it. */
        post: operations["postApiV1AdminGroups"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/groups/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A group and who is in it, by provider and subject, a page at a time. */
        get: operations["getApiV1AdminGroupsName"];
        put?: never;
        post?: never;
        /** Removes a group: nobody is in it any more. */
        delete: operations["deleteApiV1AdminGroupsName"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/groups/{name}/members/{userId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Puts a user into a group. Needs a recent login if the group is one of administrators. */
        put: operations["putApiV1AdminGroupsNameMembersUserId"];
        post?: never;
        /** Takes a user out of a group; what they have open ends. */
        delete: operations["deleteApiV1AdminGroupsNameMembersUserId"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The audit log, the newest first, a page at a time. */
        get: operations["getApiV1AdminAudit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/mails": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Mails that wait or could not be sent, the newest first, a page at a time. */
        get: operations["getApiV1AdminMails"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Your tokens that are good now, the newest first. */
        get: operations["getApiV1Tokens"];
        put?: never;
        /** Makes a token. Needs a login of just now; the secret is in this answer and nowhere else. */
        post: operations["postApiV1Tokens"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens/ended": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Your tokens that are good no more, for 30 days after, whichever was made last first; 100 at most. */
        get: operations["getApiV1TokensEnded"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens/scopes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a token can be used for, in words. An administrator’s scope is listed for administrators. */
        get: operations["getApiV1TokensScopes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revokes one of your tokens, on every node and with everything that was opened with it. */
        delete: operations["deleteApiV1TokensId"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/users/{id}/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The tokens of a user that are good now, the newest first. */
        get: operations["getApiV1AdminUsersIdTokens"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/users/{id}/tokens/ended": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The tokens of a user that are good no more, for 30 days after, whichever was made last first; 100 at most. */
        get: operations["getApiV1AdminUsersIdTokensEnded"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/tokens/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revokes any token or key, on every node and with everything that was opened with it. */
        delete: operations["deleteApiV1AdminTokensId"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What happened to one of your tokens, the newest first; for 30 days after it was good. */
        get: operations["getApiV1TokensIdHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/tokens/{id}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What happened to any token or key, the newest first, and who did it. */
        get: operations["getApiV1AdminTokensIdHistory"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/service-accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The service accounts, by name. */
        get: operations["getApiV1AdminServiceAccounts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/service-accounts/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Creates a service account, with a first key in the answer (201), or brings it to these settings (200). */
        put: operations["putApiV1AdminServiceAccountsName"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/service-accounts/{name}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes a new key; the others stay good for the overlap. The secret is in this answer alone. */
        post: operations["postApiV1AdminServiceAccountsNameRotate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/service-accounts/{name}/disable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Keeps a service account out, and ends what it has open, on every node. */
        post: operations["postApiV1AdminServiceAccountsNameDisable"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/service-accounts/{name}/enable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Lets a service account in again, with the keys that it has. */
        post: operations["postApiV1AdminServiceAccountsNameEnable"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/admin/service-accounts/{name}/keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revokes one key at once, overlap or not. */
        delete: operations["deleteApiV1AdminServiceAccountsNameKeysId"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/auth/jwks.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The public keys of the tokens that services behind the gateway receive (RFC 7517). */
        get: operations["getAuthJwksJson"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/hubs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The GitLab servers that can be used here, and at which of them this session has an account */
        get: operations["getApiV1Hubs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This reference, as OpenAPI 3.1. */
        get: operations["getApiV1OpenapiJson"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Problem: {
            /** @description Where this kind of error is explained. */
            type: string;
            /** @description What happened. */
            title: string;
            /** @description The HTTP status. */
            status: number;
            /** @description Why it happened this time. */
            detail: string;
            /** @description A stable name: `session.expired`. */
            code: string;
            /** @description What to do about it. */
            hint: string;
            /** @description Names this occurrence in the log. */
            errorId: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getHealthz: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @constant */
                        status: "ok";
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReadyz: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "ready" | "not-ready" | "draining";
                        parts: {
                            [key: string]: {
                                healthy: boolean;
                                detail?: string;
                            };
                        };
                    };
                };
            };
            /** @description Success. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "ready" | "not-ready" | "draining";
                        parts: {
                            [key: string]: {
                                healthy: boolean;
                                detail?: string;
                            };
                        };
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiV1AdminOverview: {
        parameters: {
            query?: {
                hours?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description How long each point lasts. */
                        stepSeconds: number;
                        /** @description The oldest first, without a gap. The last one is not over yet. */
                        points: {
                            /**
                             * Format: date-time
                             * @description Its beginning.
                             */
                            at: string;
                            /** @description This and what follows: absent where no node kept any numbers. */
                            requests?: number;
                            /** @description Answered 4xx. */
                            refused?: number;
                            /** @description Answered 5xx. */
                            failed?: number;
                            /** @description Absent where nothing was asked, too. */
                            medianMs?: number;
                            p95Ms?: number;
                            logins?: number;
                            loginsRefused?: number;
                        }[];
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiV1AdminUpstreams: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        upstreams: {
                            id: string;
                            /** @description Where it answers: a path, or a whole address on a host of its own. */
                            href?: string;
                            /** @description Open WebSockets, through the process that answers. */
                            tunnels: number;
                            endpoints: {
                                label: string;
                                isHealthy: boolean;
                            }[];
                        }[];
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiV1Portal: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        person: {
                            /** @description The same for as long as the account exists: whose page this is. */
                            id: string;
                            displayName: string;
                            username: string;
                            email?: string;
                            /** @description Where they logged in, as the login page calls it. */
                            provider: string;
                            groups: string[];
                            isAdmin: boolean;
                            /** @description Nobody has approved the account yet: there is no page for it but `/auth/pending`. */
                            isPending: boolean;
                        };
                        /** @description Names of the pages that the person may use, in the order of the navigation. */
                        pages: string[];
                        notices: {
                            id: string;
                            /** @enum {string} */
                            level: "info" | "warning";
                            text: string;
                        }[];
                        session: {
                            /**
                             * Format: date-time
                             * @description The server's clock, to count down from without trusting one's own.
                             */
                            now: string;
                            /** Format: date-time */
                            idleEndsAt: string;
                            /** Format: date-time */
                            endsAt: string;
                        };
                        look: {
                            /**
                             * @description `system`: as the computer is set.
                             * @enum {string}
                             */
                            theme: "system" | "light" | "dark";
                            /** @enum {string} */
                            language: "en" | "de" | "fr" | "es" | "it" | "ja" | "ko" | "zh-CN";
                        };
                        languages: ("en" | "de" | "fr" | "es" | "it" | "ja" | "ko" | "zh-CN")[];
                        support?: {
                            text: string;
                            url?: string;
                        };
                        /** @description Whom to ask for access. */
                        contact?: string;
                        version: string;
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiV1Apps: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        apps: {
                            id: string;
                            title: string;
                            description?: string;
                            /** @description A path, or a whole address where the service has a host of its own. */
                            href: string;
                            mayOpen: boolean;
                            /** @description Why not, and who could. */
                            because?: string;
                            /** @description Accounts that it needs and that are not connected: `POST /auth/connect/ID`. */
                            missingAccounts: {
                                id: string;
                                label: string;
                            }[];
                        }[];
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiV1Accounts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        accounts: {
                            id: string;
                            label: string;
                            /** @description Whether the session began there. */
                            isLogin: boolean;
                            isConnected: boolean;
                        }[];
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiV1Preferences: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description `system`: as the computer is set.
                         * @enum {string}
                         */
                        theme: "system" | "light" | "dark";
                        /**
                         * @description Absent: what the browser asks for.
                         * @enum {string}
                         */
                        language?: "en" | "de" | "fr" | "es" | "it" | "ja" | "ko" | "zh-CN";
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    putApiV1Preferences: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description `system`: as the computer is set.
                     * @enum {string}
                     */
                    theme: "system" | "light" | "dark";
                    /**
                     * @description Absent: what the browser asks for.
                     * @enum {string}
                     */
                    language?: "en" | "de" | "fr" | "es" | "it" | "ja" | "ko" | "zh-CN";
                };
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description `system`: as the computer is set.
                         * @enum {string}
                         */
                        theme: "system" | "light" | "dark";
                        /**
                         * @description Absent: what the browser asks for.
                         * @enum {string}
                         */
                        language?: "en" | "de" | "fr" | "es" | "it" | "ja" | "ko" | "zh-CN";
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postApiV1AdminExplain: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description A user id, `provider/subject`, a username that only one user has, or `anonymous`. */
                    user: string;
                    method: string;
                    /** @description As in the address bar: a path, or the whole address where the service has a host of its own. */
                    path: string;
                    /**
                     * @description As if the person were in these groups too; `local:NAME` for those of Gatehouse’s own.
                     * @default []
                     */
                    groups?: string[];
                };
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description `nothing-there`: the answer would be 404.
                         * @enum {string}
                         */
                        decision: "allowed" | "refused" | "nothing-there";
                        method: string;
                        path: string;
                        /** @description Absent for `anonymous`. */
                        user?: {
                            /** @description Absent for somebody who has never logged in here. */
                            id?: string;
                            username: string;
                            displayName: string;
                            provider: string;
                            subject: string;
                            /** @description Of the last login, of Gatehouse’s own, and those supposed. */
                            groups: string[];
                            isAdmin: boolean;
                            isPending: boolean;
                        };
                        answeredBy?: {
                            /** @enum {string} */
                            kind: "gatehouse" | "service";
                            id?: string;
                            address: string;
                        };
                        /** @description The rule that decided. */
                        rule?: string;
                        /** @description Where it stands in the configuration: `upstreams[0].rules[1]`. */
                        place?: string;
                        /** @description Why not, as the person is told. */
                        because?: string;
                        /** @description Each of these entries alone would be enough. */
                        missing: string[];
                        /** @description Whom people are told to ask. */
                        contact?: string;
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiV1Sessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        sessions: {
                            /** @description Names the session; no use as a credential. */
                            ref: string;
                            /** @description The login provider. */
                            provider: string;
                            /** Format: date-time */
                            createdAt: string;
                            /**
                             * Format: date-time
                             * @description When the person last showed who they are, as the login provider says: before `createdAt`, where they were logged in there already. Absent if it does not say.
                             */
                            authenticatedAt?: string;
                            /**
                             * Format: date-time
                             * @description To the minute.
                             */
                            lastSeenAt: string;
                            /**
                             * Format: date-time
                             * @description It ends here unless it is used again or extended.
                             */
                            idleEndsAt: string;
                            /**
                             * Format: date-time
                             * @description It ends here whatever happens.
                             */
                            endsAt: string;
                            /** @description Where the login came from. */
                            address: string;
                            userAgent: string;
                            /** @description Browser and system in English, as far as the browser says. */
                            device: string;
                            /** @description The browser; absent where it is none that is known. */
                            program?: string;
                            /** @description What the browser runs on, likewise. */
                            system?: string;
                            /** @description Whether this is the session that asks. */
                            current: boolean;
                        }[];
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiV1SessionsCurrent: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        user: {
                            id: string;
                            username: string;
                            displayName: string;
                            email?: string;
                            provider: string;
                            groups: string[];
                        };
                        session: {
                            ref: string;
                        };
                        /**
                         * Format: date-time
                         * @description The server's clock, to count down from without trusting one's own.
                         */
                        now: string;
                        /** Format: date-time */
                        idleEndsAt: string;
                        /** Format: date-time */
                        endsAt: string;
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postApiV1SessionsCurrentExtend: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        user: {
                            id: string;
                            username: string;
                            displayName: string;
                            email?: string;
                            provider: string;
                            groups: string[];
                        };
                        session: {
                            ref: string;
                        };
                        /**
                         * Format: date-time
                         * @description The server's clock, to count down from without trusting one's own.
                         */
                        now: string;
                        /** Format: date-time */
                        idleEndsAt: string;
                        /** Format: date-time */
                        endsAt: string;
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteApiV1SessionsRef: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The reference of a session, from the list. */
                ref: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiV1Me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        userId: string;
                        provider: string;
                        subject: string;
                        username: string;
                        displayName: string;
                        email?: string;
                        groups: string[];
                        isAdmin: boolean;
                        /** @description Nobody has approved the account yet. */
                        isPending: boolean;
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiV1AdminUsers: {
        parameters: {
            query?: {
                limit?: number;
                /** @description `next` of the page before. */
                after?: string;
                /** @description Part of a name, an e-mail address or a subject. */
                search?: string;
                /** @description `active`: may come in. */
                state?: "active" | "pending" | "refused" | "disabled";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        users: {
                            id: string;
                            provider: string;
                            subject: string;
                            username: string;
                            displayName: string;
                            email?: string;
                            /** @description What the login provider said at the last login. */
                            groups: string[];
                            /** @description Groups of Gatehouse’s own, by name; `group:local:NAME` in policies. */
                            localGroups: string[];
                            /** @description What was given to the person here. */
                            roles: "admin"[];
                            /** @description By a role, or by `access.admins`. */
                            isAdmin: boolean;
                            /** @enum {string} */
                            approval: "approved" | "pending" | "refused";
                            createdAt: number;
                            lastLoginAt: number;
                            disabledAt?: number;
                        }[];
                        /** @description Give it as `after` for the next page; absent on the last one. */
                        next?: string;
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiV1AdminUsersId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        user: {
                            id: string;
                            provider: string;
                            subject: string;
                            username: string;
                            displayName: string;
                            email?: string;
                            /** @description What the login provider said at the last login. */
                            groups: string[];
                            /** @description Groups of Gatehouse’s own, by name; `group:local:NAME` in policies. */
                            localGroups: string[];
                            /** @description What was given to the person here. */
                            roles: "admin"[];
                            /** @description By a role, or by `access.admins`. */
                            isAdmin: boolean;
                            /** @enum {string} */
                            approval: "approved" | "pending" | "refused";
                            createdAt: number;
                            lastLoginAt: number;
                            disabledAt?: number;
                        };
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postApiV1AdminUsersIdApprove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        user: {
                            id: string;
                            provider: string;
                            subject: string;
                            username: string;
                            displayName: string;
                            email?: string;
                            /** @description What the login provider said at the last login. */
                            groups: string[];
                            /** @description Groups of Gatehouse’s own, by name; `group:local:NAME` in policies. */
                            localGroups: string[];
                            /** @description What was given to the person here. */
                            roles: "admin"[];
                            /** @description By a role, or by `access.admins`. */
                            isAdmin: boolean;
                            /** @enum {string} */
                            approval: "approved" | "pending" | "refused";
                            createdAt: number;
                            lastLoginAt: number;
                            disabledAt?: number;
                        };
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postApiV1AdminUsersIdRefuse: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        user: {
                            id: string;
                            provider: string;
                            subject: string;
                            username: string;
                            displayName: string;
                            email?: string;
                            /** @description What the login provider said at the last login. */
                            groups: string[];
                            /** @description Groups of Gatehouse’s own, by name; `group:local:NAME` in policies. */
                            localGroups: string[];
                            /** @description What was given to the person here. */
                            roles: "admin"[];
                            /** @description By a role, or by `access.admins`. */
                            isAdmin: boolean;
                            /** @enum {string} */
                            approval: "approved" | "pending" | "refused";
                            createdAt: number;
                            lastLoginAt: number;
                            disabledAt?: number;
                        };
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postApiV1AdminUsersIdDisable: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        user: {
                            id: string;
                            provider: string;
                            subject: string;
                            username: string;
                            displayName: string;
                            email?: string;
                            /** @description What the login provider said at the last login. */
                            groups: string[];
                            /** @description Groups of Gatehouse’s own, by name; `group:local:NAME` in policies. */
                            localGroups: string[];
                            /** @description What was given to the person here. */
                            roles: "admin"[];
                            /** @description By a role, or by `access.admins`. */
                            isAdmin: boolean;
                            /** @enum {string} */
                            approval: "approved" | "pending" | "refused";
                            createdAt: number;
                            lastLoginAt: number;
                            disabledAt?: number;
                        };
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postApiV1AdminUsersIdEnable: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        user: {
                            id: string;
                            provider: string;
                            subject: string;
                            username: string;
                            displayName: string;
                            email?: string;
                            /** @description What the login provider said at the last login. */
                            groups: string[];
                            /** @description Groups of Gatehouse’s own, by name; `group:local:NAME` in policies. */
                            localGroups: string[];
                            /** @description What was given to the person here. */
                            roles: "admin"[];
                            /** @description By a role, or by `access.admins`. */
                            isAdmin: boolean;
                            /** @enum {string} */
                            approval: "approved" | "pending" | "refused";
                            createdAt: number;
                            lastLoginAt: number;
                            disabledAt?: number;
                        };
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    putApiV1AdminUsersIdRoles: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    roles: "admin"[];
                };
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        user: {
                            id: string;
                            provider: string;
                            subject: string;
                            username: string;
                            displayName: string;
                            email?: string;
                            /** @description What the login provider said at the last login. */
                            groups: string[];
                            /** @description Groups of Gatehouse’s own, by name; `group:local:NAME` in policies. */
                            localGroups: string[];
                            /** @description What was given to the person here. */
                            roles: "admin"[];
                            /** @description By a role, or by `access.admins`. */
                            isAdmin: boolean;
                            /** @enum {string} */
                            approval: "approved" | "pending" | "refused";
                            createdAt: number;
                            lastLoginAt: number;
                            disabledAt?: number;
                        };
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiV1AdminSessions: {
        parameters: {
            query?: {
                /** @description The id of a user: only theirs. */
                user?: string;
                limit?: number;
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        sessions: {
                            /** @description Names the session; no use as a credential. */
                            ref: string;
                            /** @description The login provider. */
                            provider: string;
                            /** Format: date-time */
                            createdAt: string;
                            /**
                             * Format: date-time
                             * @description When the person last showed who they are, as the login provider says: before `createdAt`, where they were logged in there already. Absent if it does not say.
                             */
                            authenticatedAt?: string;
                            /**
                             * Format: date-time
                             * @description To the minute.
                             */
                            lastSeenAt: string;
                            /**
                             * Format: date-time
                             * @description It ends here unless it is used again or extended.
                             */
                            idleEndsAt: string;
                            /**
                             * Format: date-time
                             * @description It ends here whatever happens.
                             */
                            endsAt: string;
                            /** @description Where the login came from. */
                            address: string;
                            userAgent: string;
                            /** @description Browser and system in English, as far as the browser says. */
                            device: string;
                            /** @description The browser; absent where it is none that is known. */
                            program?: string;
                            /** @description What the browser runs on, likewise. */
                            system?: string;
                            user: {
                                id: string;
                                username: string;
                                displayName: string;
                                subject: string;
                            };
                            /** @description Whether this is the session that asks. */
                            current: boolean;
                        }[];
                        /** @description Give it as `after` for the next page; absent on the last one. */
                        next?: string;
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteApiV1AdminSessionsRef: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The reference of the session, from the list. */
                ref: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postApiV1AdminUsersIdEndSessions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description How many there were. */
                        ended: number;
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiV1AdminGroups: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        groups: {
                            /** @description `group:local:NAME` in policies. */
                            name: string;
                            description: string;
                            createdAt: number;
                            memberCount: number;
                        }[];
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postApiV1AdminGroups: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                    /** @default  */
                    description?: string;
                };
            };
        };
        responses: {
            /** @description Success. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        group: {
                            /** @description `group:local:NAME` in policies. */
                            name: string;
                            description: string;
                            createdAt: number;
                            memberCount: number;
                        };
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiV1AdminGroupsName: {
        parameters: {
            query?: {
                limit?: number;
                /** @description `next` of the page before. */
                after?: string;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        group: {
                            /** @description `group:local:NAME` in policies. */
                            name: string;
                            description: string;
                            createdAt: number;
                            memberCount: number;
                        };
                        members: {
                            id: string;
                            provider: string;
                            subject: string;
                            username: string;
                            displayName: string;
                            email?: string;
                            /** @description What the login provider said at the last login. */
                            groups: string[];
                            /** @description Groups of Gatehouse’s own, by name; `group:local:NAME` in policies. */
                            localGroups: string[];
                            /** @description What was given to the person here. */
                            roles: "admin"[];
                            /** @description By a role, or by `access.admins`. */
                            isAdmin: boolean;
                            /** @enum {string} */
                            approval: "approved" | "pending" | "refused";
                            createdAt: number;
                            lastLoginAt: number;
                            disabledAt?: number;
                        }[];
                        /** @description Give it as `after` for the next page; absent on the last one. */
                        next?: string;
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteApiV1AdminGroupsName: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    putApiV1AdminGroupsNameMembersUserId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
                userId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteApiV1AdminGroupsNameMembersUserId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
                userId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiV1AdminAudit: {
        parameters: {
            query?: {
                limit?: number;
                /** @description `next` of the page before. */
                after?: number;
                /** @description The id of the user whom it happened to. */
                user?: string;
                /** @description `login.failed`, `session.create`, `user.approve` … */
                action?: string;
                outcome?: "success" | "failure";
                /** @description Nothing older, in ms since the epoch. */
                since?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        entries: {
                            id: number;
                            /** @description Milliseconds since the epoch. */
                            at: number;
                            action: string;
                            /** @enum {string} */
                            outcome: "success" | "failure";
                            /** @description Whom it happened to. */
                            userId?: string;
                            /** @description Who did it, where that is somebody else: a user’s id, or `cli`. */
                            actor?: string;
                            address?: string;
                            /** @description As in the log. */
                            requestId?: string;
                            /** @description What it was done to: a session, an upstream, a group. */
                            subject?: string;
                            detail?: {
                                [key: string]: string | number | boolean;
                            };
                        }[];
                        /** @description Give it as `after` for the next page; absent on the last one. */
                        next?: string;
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiV1AdminMails: {
        parameters: {
            query?: {
                limit?: number;
                /** @description `next` of the page before. */
                after?: string;
                /** @description `failed`: given up. */
                state?: "waiting" | "failed";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Whether mail is sent at all. */
                        isConfigured: boolean;
                        mails: {
                            id: string;
                            to: string;
                            template: string;
                            subject: string;
                            /** @enum {string} */
                            state: "waiting" | "failed";
                            createdAt: number;
                            /** @description When it is tried next, where it waits. */
                            nextAt: number;
                            attempts: number;
                            /** @description What the mail server said the last time. */
                            lastError?: string;
                        }[];
                        /** @description Give it as `after` for the next page; absent on the last one. */
                        next?: string;
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiV1Tokens: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        tokens: {
                            /** @description Names the token; no use as a credential. */
                            id: string;
                            name: string;
                            /** @description What it may be used for. */
                            scopes: string[];
                            /** @description How the secret begins, to tell tokens apart. */
                            prefix: string;
                            /** Format: date-time */
                            createdAt: string;
                            /**
                             * Format: date-time
                             * @description It ends here; absent for a key that no newer one has replaced.
                             */
                            expiresAt?: string;
                            /**
                             * Format: date-time
                             * @description To the minute; absent if it was never used.
                             */
                            lastUsedAt?: string;
                            /** @description The address of that use. */
                            lastUsedFrom?: string;
                            /** @description Within `tokens.warnBefore`, for one that was made to last. */
                            endsSoon: boolean;
                        }[];
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postApiV1Tokens: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description What it is for; shown in lists. */
                    name: string;
                    /** @description What it may be used for; see `/api/v1/tokens/scopes`. */
                    scopes: string[];
                    /** @description How long it is good for; as configured if absent. */
                    expiresInDays?: number;
                };
            };
        };
        responses: {
            /** @description Success. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        token: {
                            /** @description Names the token; no use as a credential. */
                            id: string;
                            name: string;
                            /** @description What it may be used for. */
                            scopes: string[];
                            /** @description How the secret begins, to tell tokens apart. */
                            prefix: string;
                            /** Format: date-time */
                            createdAt: string;
                            /**
                             * Format: date-time
                             * @description It ends here; absent for a key that no newer one has replaced.
                             */
                            expiresAt?: string;
                            /**
                             * Format: date-time
                             * @description To the minute; absent if it was never used.
                             */
                            lastUsedAt?: string;
                            /** @description The address of that use. */
                            lastUsedFrom?: string;
                        };
                        /** @description The secret. It is shown this once and kept nowhere. */
                        secret: string;
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiV1TokensEnded: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        tokens: {
                            /** @description Names the token; no use as a credential. */
                            id: string;
                            name: string;
                            /** @description What it may be used for. */
                            scopes: string[];
                            /** @description How the secret begins, to tell tokens apart. */
                            prefix: string;
                            /** Format: date-time */
                            createdAt: string;
                            /**
                             * Format: date-time
                             * @description It ends here; absent for a key that no newer one has replaced.
                             */
                            expiresAt?: string;
                            /**
                             * Format: date-time
                             * @description To the minute; absent if it was never used.
                             */
                            lastUsedAt?: string;
                            /** @description The address of that use. */
                            lastUsedFrom?: string;
                            /**
                             * Format: date-time
                             * @description When it was revoked, or else when its time was over.
                             */
                            endedAt: string;
                            isRevoked: boolean;
                        }[];
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiV1TokensScopes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        scopes: {
                            scope: string;
                            title: string;
                            description: string;
                        }[];
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteApiV1TokensId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of a token, from the list. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiV1AdminUsersIdTokens: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        tokens: {
                            /** @description Names the token; no use as a credential. */
                            id: string;
                            name: string;
                            /** @description What it may be used for. */
                            scopes: string[];
                            /** @description How the secret begins, to tell tokens apart. */
                            prefix: string;
                            /** Format: date-time */
                            createdAt: string;
                            /**
                             * Format: date-time
                             * @description It ends here; absent for a key that no newer one has replaced.
                             */
                            expiresAt?: string;
                            /**
                             * Format: date-time
                             * @description To the minute; absent if it was never used.
                             */
                            lastUsedAt?: string;
                            /** @description The address of that use. */
                            lastUsedFrom?: string;
                        }[];
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiV1AdminUsersIdTokensEnded: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        tokens: {
                            /** @description Names the token; no use as a credential. */
                            id: string;
                            name: string;
                            /** @description What it may be used for. */
                            scopes: string[];
                            /** @description How the secret begins, to tell tokens apart. */
                            prefix: string;
                            /** Format: date-time */
                            createdAt: string;
                            /**
                             * Format: date-time
                             * @description It ends here; absent for a key that no newer one has replaced.
                             */
                            expiresAt?: string;
                            /**
                             * Format: date-time
                             * @description To the minute; absent if it was never used.
                             */
                            lastUsedAt?: string;
                            /** @description The address of that use. */
                            lastUsedFrom?: string;
                            /**
                             * Format: date-time
                             * @description When it was revoked, or else when its time was over.
                             */
                            endedAt: string;
                            isRevoked: boolean;
                        }[];
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteApiV1AdminTokensId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The id of a token, from the list. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiV1TokensIdHistory: {
        parameters: {
            query?: {
                limit?: number;
                /** @description `next` of the page before. */
                after?: number;
            };
            header?: never;
            path: {
                /** @description The id of a token, also of one that is good no more. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        token: {
                            /** @description Names the token; no use as a credential. */
                            id: string;
                            name: string;
                            /** @description What it may be used for. */
                            scopes: string[];
                            /** @description How the secret begins, to tell tokens apart. */
                            prefix: string;
                            /** Format: date-time */
                            createdAt: string;
                            /**
                             * Format: date-time
                             * @description It ends here; absent for a key that no newer one has replaced.
                             */
                            expiresAt?: string;
                            /**
                             * Format: date-time
                             * @description To the minute; absent if it was never used.
                             */
                            lastUsedAt?: string;
                            /** @description The address of that use. */
                            lastUsedFrom?: string;
                        };
                        /** @description The newest first. */
                        events: {
                            /** Format: date-time */
                            at: string;
                            /**
                             * @description `used`: from another address than before. `replaced`: a newer key of the account was made.
                             * @enum {string}
                             */
                            what: "made" | "used" | "replaced" | "revoked" | "expired";
                            /**
                             * @description `other`: an administrator, or the command line.
                             * @enum {string}
                             */
                            by: "owner" | "other" | "itself";
                            /** @description Where the owner did it. */
                            address?: string;
                        }[];
                        /** @description Give it as `after` for the next page; absent on the last one. */
                        next?: string;
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiV1AdminTokensIdHistory: {
        parameters: {
            query?: {
                limit?: number;
                /** @description `next` of the page before. */
                after?: number;
            };
            header?: never;
            path: {
                /** @description The id of a token, also of one that is good no more. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        token: {
                            /** @description Names the token; no use as a credential. */
                            id: string;
                            name: string;
                            /** @description What it may be used for. */
                            scopes: string[];
                            /** @description How the secret begins, to tell tokens apart. */
                            prefix: string;
                            /** Format: date-time */
                            createdAt: string;
                            /**
                             * Format: date-time
                             * @description It ends here; absent for a key that no newer one has replaced.
                             */
                            expiresAt?: string;
                            /**
                             * Format: date-time
                             * @description To the minute; absent if it was never used.
                             */
                            lastUsedAt?: string;
                            /** @description The address of that use. */
                            lastUsedFrom?: string;
                        };
                        /** @description The newest first. */
                        events: {
                            /** Format: date-time */
                            at: string;
                            /**
                             * @description `used`: from another address than before. `replaced`: a newer key of the account was made.
                             * @enum {string}
                             */
                            what: "made" | "used" | "replaced" | "revoked" | "expired";
                            /**
                             * @description `other`: an administrator, or the command line.
                             * @enum {string}
                             */
                            by: "owner" | "other" | "itself";
                            address?: string;
                            /** @description A user’s id, or `cli`. */
                            actor?: string;
                        }[];
                        /** @description Give it as `after` for the next page; absent on the last one. */
                        next?: string;
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiV1AdminServiceAccounts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        accounts: {
                            name: string;
                            userId: string;
                            description: string;
                            groups: string[];
                            scopes: string[];
                            rotateEverySeconds?: number;
                            overlapSeconds: number;
                            /** Format: date-time */
                            createdAt: string;
                            /** Format: date-time */
                            rotatedAt?: string;
                            isDisabled: boolean;
                            /** @description Those that are good now, the newest first. */
                            keys: {
                                /** @description Names the token; no use as a credential. */
                                id: string;
                                name: string;
                                /** @description What it may be used for. */
                                scopes: string[];
                                /** @description How the secret begins, to tell tokens apart. */
                                prefix: string;
                                /** Format: date-time */
                                createdAt: string;
                                /**
                                 * Format: date-time
                                 * @description It ends here; absent for a key that no newer one has replaced.
                                 */
                                expiresAt?: string;
                                /**
                                 * Format: date-time
                                 * @description To the minute; absent if it was never used.
                                 */
                                lastUsedAt?: string;
                                /** @description The address of that use. */
                                lastUsedFrom?: string;
                            }[];
                        }[];
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    putApiV1AdminServiceAccountsName: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of the service account. */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description What it is for. */
                    description?: string;
                    /** @description The groups that it is in, for policies. */
                    groups?: string[];
                    /** @description What its keys may be used for. */
                    scopes?: string[];
                    /** @description How often its key rotates by itself, into a file of `tokens.keyFolder`; `null` for never. */
                    rotateEverySeconds?: number | null;
                    /** @description How long keys stay good after a newer one was made. */
                    overlapSeconds?: number;
                };
            };
        };
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        account: {
                            name: string;
                            userId: string;
                            description: string;
                            groups: string[];
                            scopes: string[];
                            rotateEverySeconds?: number;
                            overlapSeconds: number;
                            /** Format: date-time */
                            createdAt: string;
                            /** Format: date-time */
                            rotatedAt?: string;
                            isDisabled: boolean;
                            /** @description Those that are good now, the newest first. */
                            keys: {
                                /** @description Names the token; no use as a credential. */
                                id: string;
                                name: string;
                                /** @description What it may be used for. */
                                scopes: string[];
                                /** @description How the secret begins, to tell tokens apart. */
                                prefix: string;
                                /** Format: date-time */
                                createdAt: string;
                                /**
                                 * Format: date-time
                                 * @description It ends here; absent for a key that no newer one has replaced.
                                 */
                                expiresAt?: string;
                                /**
                                 * Format: date-time
                                 * @description To the minute; absent if it was never used.
                                 */
                                lastUsedAt?: string;
                                /** @description The address of that use. */
                                lastUsedFrom?: string;
                            }[];
                        };
                    };
                };
            };
            /** @description Success. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        account: {
                            name: string;
                            userId: string;
                            description: string;
                            groups: string[];
                            scopes: string[];
                            rotateEverySeconds?: number;
                            overlapSeconds: number;
                            /** Format: date-time */
                            createdAt: string;
                            /** Format: date-time */
                            rotatedAt?: string;
                            isDisabled: boolean;
                            /** @description Those that are good now, the newest first. */
                            keys: {
                                /** @description Names the token; no use as a credential. */
                                id: string;
                                name: string;
                                /** @description What it may be used for. */
                                scopes: string[];
                                /** @description How the secret begins, to tell tokens apart. */
                                prefix: string;
                                /** Format: date-time */
                                createdAt: string;
                                /**
                                 * Format: date-time
                                 * @description It ends here; absent for a key that no newer one has replaced.
                                 */
                                expiresAt?: string;
                                /**
                                 * Format: date-time
                                 * @description To the minute; absent if it was never used.
                                 */
                                lastUsedAt?: string;
                                /** @description The address of that use. */
                                lastUsedFrom?: string;
                            }[];
                        };
                        key: {
                            /** @description Names the token; no use as a credential. */
                            id: string;
                            name: string;
                            /** @description What it may be used for. */
                            scopes: string[];
                            /** @description How the secret begins, to tell tokens apart. */
                            prefix: string;
                            /** Format: date-time */
                            createdAt: string;
                            /**
                             * Format: date-time
                             * @description It ends here; absent for a key that no newer one has replaced.
                             */
                            expiresAt?: string;
                            /**
                             * Format: date-time
                             * @description To the minute; absent if it was never used.
                             */
                            lastUsedAt?: string;
                            /** @description The address of that use. */
                            lastUsedFrom?: string;
                        };
                        /** @description The secret. It is shown this once and kept nowhere. */
                        secret: string;
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postApiV1AdminServiceAccountsNameRotate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of the service account. */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Instead of the overlap of the account; 0 ends them at once. */
                    overlapSeconds?: number;
                };
            };
        };
        responses: {
            /** @description Success. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        account: {
                            name: string;
                            userId: string;
                            description: string;
                            groups: string[];
                            scopes: string[];
                            rotateEverySeconds?: number;
                            overlapSeconds: number;
                            /** Format: date-time */
                            createdAt: string;
                            /** Format: date-time */
                            rotatedAt?: string;
                            isDisabled: boolean;
                            /** @description Those that are good now, the newest first. */
                            keys: {
                                /** @description Names the token; no use as a credential. */
                                id: string;
                                name: string;
                                /** @description What it may be used for. */
                                scopes: string[];
                                /** @description How the secret begins, to tell tokens apart. */
                                prefix: string;
                                /** Format: date-time */
                                createdAt: string;
                                /**
                                 * Format: date-time
                                 * @description It ends here; absent for a key that no newer one has replaced.
                                 */
                                expiresAt?: string;
                                /**
                                 * Format: date-time
                                 * @description To the minute; absent if it was never used.
                                 */
                                lastUsedAt?: string;
                                /** @description The address of that use. */
                                lastUsedFrom?: string;
                            }[];
                        };
                        key: {
                            /** @description Names the token; no use as a credential. */
                            id: string;
                            name: string;
                            /** @description What it may be used for. */
                            scopes: string[];
                            /** @description How the secret begins, to tell tokens apart. */
                            prefix: string;
                            /** Format: date-time */
                            createdAt: string;
                            /**
                             * Format: date-time
                             * @description It ends here; absent for a key that no newer one has replaced.
                             */
                            expiresAt?: string;
                            /**
                             * Format: date-time
                             * @description To the minute; absent if it was never used.
                             */
                            lastUsedAt?: string;
                            /** @description The address of that use. */
                            lastUsedFrom?: string;
                        };
                        /** @description The secret. It is shown this once and kept nowhere. */
                        secret: string;
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postApiV1AdminServiceAccountsNameDisable: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of the service account. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        account: {
                            name: string;
                            userId: string;
                            description: string;
                            groups: string[];
                            scopes: string[];
                            rotateEverySeconds?: number;
                            overlapSeconds: number;
                            /** Format: date-time */
                            createdAt: string;
                            /** Format: date-time */
                            rotatedAt?: string;
                            isDisabled: boolean;
                            /** @description Those that are good now, the newest first. */
                            keys: {
                                /** @description Names the token; no use as a credential. */
                                id: string;
                                name: string;
                                /** @description What it may be used for. */
                                scopes: string[];
                                /** @description How the secret begins, to tell tokens apart. */
                                prefix: string;
                                /** Format: date-time */
                                createdAt: string;
                                /**
                                 * Format: date-time
                                 * @description It ends here; absent for a key that no newer one has replaced.
                                 */
                                expiresAt?: string;
                                /**
                                 * Format: date-time
                                 * @description To the minute; absent if it was never used.
                                 */
                                lastUsedAt?: string;
                                /** @description The address of that use. */
                                lastUsedFrom?: string;
                            }[];
                        };
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    postApiV1AdminServiceAccountsNameEnable: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of the service account. */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        account: {
                            name: string;
                            userId: string;
                            description: string;
                            groups: string[];
                            scopes: string[];
                            rotateEverySeconds?: number;
                            overlapSeconds: number;
                            /** Format: date-time */
                            createdAt: string;
                            /** Format: date-time */
                            rotatedAt?: string;
                            isDisabled: boolean;
                            /** @description Those that are good now, the newest first. */
                            keys: {
                                /** @description Names the token; no use as a credential. */
                                id: string;
                                name: string;
                                /** @description What it may be used for. */
                                scopes: string[];
                                /** @description How the secret begins, to tell tokens apart. */
                                prefix: string;
                                /** Format: date-time */
                                createdAt: string;
                                /**
                                 * Format: date-time
                                 * @description It ends here; absent for a key that no newer one has replaced.
                                 */
                                expiresAt?: string;
                                /**
                                 * Format: date-time
                                 * @description To the minute; absent if it was never used.
                                 */
                                lastUsedAt?: string;
                                /** @description The address of that use. */
                                lastUsedFrom?: string;
                            }[];
                        };
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteApiV1AdminServiceAccountsNameKeysId: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The name of the service account. */
                name: string;
                /** @description The id of a key, from the list. */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getAuthJwksJson: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        keys: {
                            /** @constant */
                            kty: "OKP";
                            /** @constant */
                            crv: "Ed25519";
                            x: string;
                            kid: string;
                            /** @constant */
                            use: "sig";
                            /** @constant */
                            alg: "EdDSA";
                        }[];
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiV1Hubs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        hubs: {
                            /** @description Names the hub. */
                            id: string;
                            /** @description What people call it. */
                            label: string;
                            /** @description The login provider to connect: `POST /auth/connect/PROVIDER`. */
                            provider: string;
                            /** @description Where people open the hub itself. */
                            href: string;
                            /** @description Where its API is here, with the base path. */
                            api: string;
                            /** @description Whether the person may use the hub here at all. */
                            mayUse: boolean;
                            /** @description Why not, and who could. */
                            because?: string;
                            /** @description Whether this session has an account there. */
                            connected: boolean;
                            /** @description Whether it is the account of the login itself. */
                            isLogin: boolean;
                            /**
                             * Format: date-time
                             * @description Since when, if that is known.
                             */
                            since?: string;
                        }[];
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getApiV1OpenapiJson: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Success. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description What went wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
