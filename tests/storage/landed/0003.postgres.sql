CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE user_account (
	id BIGSERIAL NOT NULL, 
	name TEXT NOT NULL, 
	email TEXT, 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	password_hash TEXT, 
	language VARCHAR(5), 
	role VARCHAR(20) DEFAULT 'admin'::character varying NOT NULL, 
	disabled_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_user_account PRIMARY KEY (id), 
	CONSTRAINT uq_user_account_email UNIQUE NULLS DISTINCT (email)
);
CREATE TABLE host (
	name TEXT NOT NULL, 
	due_at TIMESTAMP WITH TIME ZONE, 
	paced_until TIMESTAMP WITH TIME ZONE, 
	lease_token TEXT, 
	leased_until TIMESTAMP WITH TIME ZONE, 
	leased_by TEXT, 
	CONSTRAINT pk_host PRIMARY KEY (name)
)
 WITH (fillfactor = 70);
CREATE INDEX ix_host_due_at ON host (due_at);
CREATE TABLE story (
	id BIGSERIAL NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_story PRIMARY KEY (id)
);
CREATE TABLE login_failure (
	key TEXT NOT NULL, 
	failures INTEGER NOT NULL, 
	last_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	blocked_until TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_login_failure PRIMARY KEY (key)
);
CREATE TABLE worker (
	name TEXT NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	machine TEXT NOT NULL, 
	pid INTEGER NOT NULL, 
	version TEXT NOT NULL, 
	started_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	seen_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_worker PRIMARY KEY (name)
);
CREATE TABLE watch_set (
	id BIGSERIAL NOT NULL, 
	version BIGINT NOT NULL, 
	CONSTRAINT pk_watch_set PRIMARY KEY (id)
);
CREATE TABLE api_token (
	id BIGSERIAL NOT NULL, 
	user_id BIGINT NOT NULL, 
	name TEXT NOT NULL, 
	token_hash TEXT NOT NULL, 
	scope TEXT NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	revoked_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_api_token PRIMARY KEY (id), 
	CONSTRAINT fk_api_token_user_id FOREIGN KEY(user_id) REFERENCES user_account (id) ON DELETE CASCADE, 
	CONSTRAINT uq_api_token_token_hash UNIQUE NULLS DISTINCT (token_hash)
);
CREATE INDEX ix_api_token_user_id ON api_token (user_id);
CREATE TABLE audit_event (
	id BIGSERIAL NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	user_id BIGINT, 
	action TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	detail JSONB NOT NULL, 
	CONSTRAINT pk_audit_event PRIMARY KEY (id), 
	CONSTRAINT fk_audit_event_user_id FOREIGN KEY(user_id) REFERENCES user_account (id) ON DELETE SET NULL
);
CREATE INDEX ix_audit_event_at ON audit_event (at);
CREATE TABLE channel (
	id BIGSERIAL NOT NULL, 
	user_id BIGINT NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	name TEXT NOT NULL, 
	address TEXT NOT NULL, 
	secret TEXT, 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	confirmed_at TIMESTAMP WITH TIME ZONE, 
	disabled_at TIMESTAMP WITH TIME ZONE, 
	disabled_reason TEXT, 
	failing_since TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_channel PRIMARY KEY (id), 
	CONSTRAINT fk_channel_user_id FOREIGN KEY(user_id) REFERENCES user_account (id) ON DELETE CASCADE, 
	CONSTRAINT uq_channel_user_id_name UNIQUE NULLS DISTINCT (user_id, name)
);
CREATE TABLE watchlist (
	id BIGSERIAL NOT NULL, 
	user_id BIGINT NOT NULL, 
	name TEXT NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_watchlist PRIMARY KEY (id), 
	CONSTRAINT fk_watchlist_user_id FOREIGN KEY(user_id) REFERENCES user_account (id) ON DELETE CASCADE, 
	CONSTRAINT uq_watchlist_user_id_name UNIQUE NULLS DISTINCT (user_id, name)
);
CREATE TABLE source (
	id BIGSERIAL NOT NULL, 
	host_name TEXT NOT NULL, 
	url TEXT NOT NULL, 
	name TEXT NOT NULL, 
	title TEXT, 
	kind TEXT, 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	due_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	paused_at TIMESTAMP WITH TIME ZONE, 
	first_polled_at TIMESTAMP WITH TIME ZONE, 
	last_success_at TIMESTAMP WITH TIME ZONE, 
	failures INTEGER NOT NULL, 
	etag TEXT, 
	last_modified TEXT, 
	body_hash TEXT, 
	shape VARCHAR(20) DEFAULT 'feed'::character varying NOT NULL, 
	catalogue_id TEXT, 
	CONSTRAINT pk_source PRIMARY KEY (id), 
	CONSTRAINT fk_source_host_name FOREIGN KEY(host_name) REFERENCES host (name), 
	CONSTRAINT uq_source_name UNIQUE NULLS DISTINCT (name), 
	CONSTRAINT uq_source_url UNIQUE NULLS DISTINCT (url)
);
CREATE INDEX ix_source_due_at ON source (due_at);
CREATE INDEX ix_source_host_name ON source (host_name);
CREATE TABLE web_session (
	token_hash VARCHAR(64) NOT NULL, 
	user_id BIGINT NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	seen_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	expires_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_web_session PRIMARY KEY (token_hash), 
	CONSTRAINT fk_web_session_user_id FOREIGN KEY(user_id) REFERENCES user_account (id) ON DELETE CASCADE
);
CREATE INDEX ix_web_session_user_id ON web_session (user_id);
CREATE TABLE one_time_link (
	token_hash VARCHAR(64) NOT NULL, 
	purpose VARCHAR(20) NOT NULL, 
	user_id BIGINT, 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	expires_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	used_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_one_time_link PRIMARY KEY (token_hash), 
	CONSTRAINT fk_one_time_link_user_id FOREIGN KEY(user_id) REFERENCES user_account (id) ON DELETE CASCADE
);
CREATE TABLE fetch_event (
	id BIGSERIAL NOT NULL, 
	source_id BIGINT NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	outcome TEXT NOT NULL, 
	status INTEGER, 
	detail TEXT NOT NULL, 
	new_articles INTEGER NOT NULL, 
	CONSTRAINT pk_fetch_event PRIMARY KEY (id), 
	CONSTRAINT fk_fetch_event_source_id FOREIGN KEY(source_id) REFERENCES source (id) ON DELETE CASCADE
);
CREATE INDEX ix_fetch_event_source_id_id ON fetch_event (source_id, id);
CREATE TABLE subscription (
	id BIGSERIAL NOT NULL, 
	watchlist_id BIGINT NOT NULL, 
	channel_id BIGINT NOT NULL, 
	include_existing BOOLEAN NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_subscription PRIMARY KEY (id), 
	CONSTRAINT fk_subscription_channel_id FOREIGN KEY(channel_id) REFERENCES channel (id) ON DELETE CASCADE, 
	CONSTRAINT fk_subscription_watchlist_id FOREIGN KEY(watchlist_id) REFERENCES watchlist (id) ON DELETE CASCADE, 
	CONSTRAINT uq_subscription_watchlist_id_channel_id UNIQUE NULLS DISTINCT (watchlist_id, channel_id)
);
CREATE INDEX ix_subscription_channel_id ON subscription (channel_id);
CREATE TABLE article (
	id BIGSERIAL NOT NULL, 
	source_id BIGINT NOT NULL, 
	story_id BIGINT, 
	url TEXT, 
	title TEXT NOT NULL, 
	summary TEXT, 
	text TEXT, 
	author TEXT, 
	language TEXT, 
	published_at TIMESTAMP WITH TIME ZONE, 
	first_seen_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	content_hash TEXT NOT NULL, 
	quiet BOOLEAN NOT NULL, 
	stored_version BIGINT DEFAULT '0'::bigint NOT NULL, 
	watch_version BIGINT DEFAULT '0'::bigint NOT NULL, 
	CONSTRAINT pk_article PRIMARY KEY (id), 
	CONSTRAINT fk_article_source_id FOREIGN KEY(source_id) REFERENCES source (id), 
	CONSTRAINT fk_article_story_id FOREIGN KEY(story_id) REFERENCES story (id)
);
CREATE INDEX ix_article_source_id ON article (source_id);
CREATE INDEX ix_article_story_id ON article (story_id);
CREATE INDEX ix_article_behind ON article (id) WHERE (watch_version < stored_version);
CREATE INDEX ix_article_first_seen_at ON article (first_seen_at);
CREATE TABLE watch_term (
	id BIGSERIAL NOT NULL, 
	watchlist_id BIGINT NOT NULL, 
	name TEXT NOT NULL, 
	spellings JSONB, 
	exclude JSONB NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	changed_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	removed_at TIMESTAMP WITH TIME ZONE, 
	expression TEXT, 
	sense BOOLEAN DEFAULT true NOT NULL, 
	version BIGINT DEFAULT '0'::bigint NOT NULL, 
	since_version BIGINT DEFAULT '0'::bigint NOT NULL, 
	CONSTRAINT pk_watch_term PRIMARY KEY (id), 
	CONSTRAINT fk_watch_term_watchlist_id FOREIGN KEY(watchlist_id) REFERENCES watchlist (id) ON DELETE CASCADE, 
	CONSTRAINT uq_watch_term_watchlist_id_name UNIQUE NULLS DISTINCT (watchlist_id, name)
);
CREATE TABLE article_identity (
	source_id BIGINT NOT NULL, 
	identity TEXT NOT NULL, 
	article_id BIGINT NOT NULL, 
	CONSTRAINT pk_article_identity PRIMARY KEY (source_id, identity), 
	CONSTRAINT fk_article_identity_article_id FOREIGN KEY(article_id) REFERENCES article (id) ON DELETE CASCADE, 
	CONSTRAINT fk_article_identity_source_id FOREIGN KEY(source_id) REFERENCES source (id)
);
CREATE INDEX ix_article_identity_article_id ON article_identity (article_id);
CREATE TABLE article_version (
	id BIGSERIAL NOT NULL, 
	article_id BIGINT NOT NULL, 
	replaced_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	title TEXT NOT NULL, 
	summary TEXT, 
	text TEXT, 
	content_hash TEXT NOT NULL, 
	CONSTRAINT pk_article_version PRIMARY KEY (id), 
	CONSTRAINT fk_article_version_article_id FOREIGN KEY(article_id) REFERENCES article (id) ON DELETE CASCADE
);
CREATE INDEX ix_article_version_article_id ON article_version (article_id);
CREATE TABLE delivery (
	id VARCHAR(40) NOT NULL, 
	article_id BIGINT NOT NULL, 
	channel_id BIGINT NOT NULL, 
	part INTEGER NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	due_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	attempts INTEGER NOT NULL, 
	lease_token TEXT, 
	leased_until TIMESTAMP WITH TIME ZONE, 
	leased_by TEXT, 
	settled_at TIMESTAMP WITH TIME ZONE, 
	last_error TEXT, 
	CONSTRAINT pk_delivery PRIMARY KEY (id), 
	CONSTRAINT fk_delivery_article_id FOREIGN KEY(article_id) REFERENCES article (id), 
	CONSTRAINT fk_delivery_channel_id FOREIGN KEY(channel_id) REFERENCES channel (id) ON DELETE CASCADE, 
	CONSTRAINT uq_delivery_article_id_channel_id_part UNIQUE NULLS DISTINCT (article_id, channel_id, part)
);
CREATE INDEX ix_delivery_due ON delivery (state, due_at);
CREATE INDEX ix_delivery_channel_id ON delivery (channel_id);
CREATE TABLE match (
	id BIGSERIAL NOT NULL, 
	user_id BIGINT NOT NULL, 
	article_id BIGINT NOT NULL, 
	watch_term_id BIGINT NOT NULL, 
	matched_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	hits JSONB NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	note TEXT, 
	CONSTRAINT pk_match PRIMARY KEY (id), 
	CONSTRAINT fk_match_article_id FOREIGN KEY(article_id) REFERENCES article (id), 
	CONSTRAINT fk_match_user_id FOREIGN KEY(user_id) REFERENCES user_account (id) ON DELETE CASCADE, 
	CONSTRAINT fk_match_watch_term_id FOREIGN KEY(watch_term_id) REFERENCES watch_term (id), 
	CONSTRAINT uq_match_article_id_watch_term_id UNIQUE NULLS DISTINCT (article_id, watch_term_id)
);
CREATE INDEX ix_match_watch_term_id ON match (watch_term_id);
CREATE INDEX ix_match_inbox ON match (user_id, matched_at, id);
CREATE TABLE page_request (
	article_id BIGINT NOT NULL, 
	host_name TEXT NOT NULL, 
	url TEXT NOT NULL, 
	due_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	attempts INTEGER NOT NULL, 
	CONSTRAINT pk_page_request PRIMARY KEY (article_id), 
	CONSTRAINT fk_page_request_article_id FOREIGN KEY(article_id) REFERENCES article (id) ON DELETE CASCADE, 
	CONSTRAINT fk_page_request_host_name FOREIGN KEY(host_name) REFERENCES host (name)
);
CREATE INDEX ix_page_request_host_name_due_at ON page_request (host_name, due_at);
CREATE TABLE attempt (
	id BIGSERIAL NOT NULL, 
	delivery_id VARCHAR(40) NOT NULL, 
	number INTEGER NOT NULL, 
	started_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	finished_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	outcome VARCHAR(20) NOT NULL, 
	detail TEXT NOT NULL, 
	CONSTRAINT pk_attempt PRIMARY KEY (id), 
	CONSTRAINT fk_attempt_delivery_id FOREIGN KEY(delivery_id) REFERENCES delivery (id) ON DELETE CASCADE
);
CREATE INDEX ix_attempt_delivery_id ON attempt (delivery_id);
CREATE TABLE delivery_match (
	delivery_id VARCHAR(40) NOT NULL, 
	match_id BIGINT NOT NULL, 
	CONSTRAINT pk_delivery_match PRIMARY KEY (delivery_id, match_id), 
	CONSTRAINT fk_delivery_match_delivery_id FOREIGN KEY(delivery_id) REFERENCES delivery (id) ON DELETE CASCADE, 
	CONSTRAINT fk_delivery_match_match_id FOREIGN KEY(match_id) REFERENCES match (id)
);
INSERT INTO "alembic_version" ("version_num") VALUES ('0003');
INSERT INTO "host" ("name", "due_at", "paced_until", "lease_token", "leased_until", "leased_by") VALUES ('name نصّ 1', '2026-11-01 09:00:00.123000+00:00'::timestamptz, '2026-11-01 09:00:00.123000+00:00'::timestamptz, 'lease_token نصّ 1', '2026-11-01 09:00:00.123000+00:00'::timestamptz, 'leased_by نصّ 1');
INSERT INTO "host" ("name", "due_at", "paced_until", "lease_token", "leased_until", "leased_by") VALUES ('name نصّ 2', '2026-11-01 10:00:00.123000+00:00'::timestamptz, '2026-11-01 10:00:00.123000+00:00'::timestamptz, 'lease_token نصّ 2', '2026-11-01 10:00:00.123000+00:00'::timestamptz, 'leased_by نصّ 2');
INSERT INTO "login_failure" ("key", "failures", "last_at", "blocked_until") VALUES ('key نصّ 1', 1, '2026-11-01 09:00:00.123000+00:00'::timestamptz, '2026-11-01 09:00:00.123000+00:00'::timestamptz);
INSERT INTO "login_failure" ("key", "failures", "last_at", "blocked_until") VALUES ('key نصّ 2', 2, '2026-11-01 10:00:00.123000+00:00'::timestamptz, '2026-11-01 10:00:00.123000+00:00'::timestamptz);
INSERT INTO "story" ("id", "created_at") VALUES (1, '2026-11-01 09:00:00.123000+00:00'::timestamptz);
INSERT INTO "story" ("id", "created_at") VALUES (2, '2026-11-01 10:00:00.123000+00:00'::timestamptz);
INSERT INTO "user_account" ("id", "name", "email", "created_at", "password_hash", "language", "role", "disabled_at") VALUES (1, 'name نصّ 1', 'email نصّ 1', '2026-11-01 09:00:00.123000+00:00'::timestamptz, 'password_hash نصّ 1', 'ar', 'role نصّ 1', '2026-11-01 09:00:00.123000+00:00'::timestamptz);
INSERT INTO "user_account" ("id", "name", "email", "created_at", "password_hash", "language", "role", "disabled_at") VALUES (2, 'name نصّ 2', 'email نصّ 2', '2026-11-01 10:00:00.123000+00:00'::timestamptz, 'password_hash نصّ 2', 'ar', 'role نصّ 2', '2026-11-01 10:00:00.123000+00:00'::timestamptz);
INSERT INTO "watch_set" ("id", "version") VALUES (1, 1);
INSERT INTO "watch_set" ("id", "version") VALUES (2, 2);
INSERT INTO "worker" ("name", "kind", "machine", "pid", "version", "started_at", "seen_at") VALUES ('name نصّ 1', 'webhook', 'machine نصّ 1', 1, 'version نصّ 1', '2026-11-01 09:00:00.123000+00:00'::timestamptz, '2026-11-01 09:00:00.123000+00:00'::timestamptz);
INSERT INTO "worker" ("name", "kind", "machine", "pid", "version", "started_at", "seen_at") VALUES ('name نصّ 2', 'webhook', 'machine نصّ 2', 2, 'version نصّ 2', '2026-11-01 10:00:00.123000+00:00'::timestamptz, '2026-11-01 10:00:00.123000+00:00'::timestamptz);
INSERT INTO "api_token" ("id", "user_id", "name", "token_hash", "scope", "created_at", "revoked_at") VALUES (1, 1, 'name نصّ 1', 'token_hash نصّ 1', 'scope نصّ 1', '2026-11-01 09:00:00.123000+00:00'::timestamptz, '2026-11-01 09:00:00.123000+00:00'::timestamptz);
INSERT INTO "api_token" ("id", "user_id", "name", "token_hash", "scope", "created_at", "revoked_at") VALUES (2, 2, 'name نصّ 2', 'token_hash نصّ 2', 'scope نصّ 2', '2026-11-01 10:00:00.123000+00:00'::timestamptz, '2026-11-01 10:00:00.123000+00:00'::timestamptz);
INSERT INTO "audit_event" ("id", "at", "user_id", "action", "subject", "detail") VALUES (1, '2026-11-01 09:00:00.123000+00:00'::timestamptz, 1, 'action نصّ 1', 'subject نصّ 1', '{"سبب": 1}'::jsonb);
INSERT INTO "audit_event" ("id", "at", "user_id", "action", "subject", "detail") VALUES (2, '2026-11-01 10:00:00.123000+00:00'::timestamptz, 2, 'action نصّ 2', 'subject نصّ 2', '{"سبب": 2}'::jsonb);
INSERT INTO "channel" ("id", "user_id", "kind", "name", "address", "secret", "created_at", "confirmed_at", "disabled_at", "disabled_reason", "failing_since") VALUES (1, 1, 'webhook', 'name نصّ 1', 'address نصّ 1', 'secret نصّ 1', '2026-11-01 09:00:00.123000+00:00'::timestamptz, '2026-11-01 09:00:00.123000+00:00'::timestamptz, '2026-11-01 09:00:00.123000+00:00'::timestamptz, 'disabled_reason نصّ 1', '2026-11-01 09:00:00.123000+00:00'::timestamptz);
INSERT INTO "channel" ("id", "user_id", "kind", "name", "address", "secret", "created_at", "confirmed_at", "disabled_at", "disabled_reason", "failing_since") VALUES (2, 2, 'webhook', 'name نصّ 2', 'address نصّ 2', 'secret نصّ 2', '2026-11-01 10:00:00.123000+00:00'::timestamptz, '2026-11-01 10:00:00.123000+00:00'::timestamptz, '2026-11-01 10:00:00.123000+00:00'::timestamptz, 'disabled_reason نصّ 2', '2026-11-01 10:00:00.123000+00:00'::timestamptz);
INSERT INTO "one_time_link" ("token_hash", "purpose", "user_id", "created_at", "expires_at", "used_at") VALUES ('token_hash نصّ 1', 'purpose نصّ 1', 1, '2026-11-01 09:00:00.123000+00:00'::timestamptz, '2026-11-01 09:00:00.123000+00:00'::timestamptz, '2026-11-01 09:00:00.123000+00:00'::timestamptz);
INSERT INTO "one_time_link" ("token_hash", "purpose", "user_id", "created_at", "expires_at", "used_at") VALUES ('token_hash نصّ 2', 'purpose نصّ 2', 2, '2026-11-01 10:00:00.123000+00:00'::timestamptz, '2026-11-01 10:00:00.123000+00:00'::timestamptz, '2026-11-01 10:00:00.123000+00:00'::timestamptz);
INSERT INTO "source" ("id", "host_name", "url", "name", "title", "kind", "created_at", "due_at", "paused_at", "first_polled_at", "last_success_at", "failures", "etag", "last_modified", "body_hash", "shape", "catalogue_id") VALUES (1, 'name نصّ 1', 'url نصّ 1', 'name نصّ 1', 'title نصّ 1', 'webhook', '2026-11-01 09:00:00.123000+00:00'::timestamptz, '2026-11-01 09:00:00.123000+00:00'::timestamptz, '2026-11-01 09:00:00.123000+00:00'::timestamptz, '2026-11-01 09:00:00.123000+00:00'::timestamptz, '2026-11-01 09:00:00.123000+00:00'::timestamptz, 1, 'etag نصّ 1', 'last_modified نصّ 1', 'body_hash نصّ 1', 'shape نصّ 1', 'catalogue_id نصّ 1');
INSERT INTO "source" ("id", "host_name", "url", "name", "title", "kind", "created_at", "due_at", "paused_at", "first_polled_at", "last_success_at", "failures", "etag", "last_modified", "body_hash", "shape", "catalogue_id") VALUES (2, 'name نصّ 2', 'url نصّ 2', 'name نصّ 2', 'title نصّ 2', 'webhook', '2026-11-01 10:00:00.123000+00:00'::timestamptz, '2026-11-01 10:00:00.123000+00:00'::timestamptz, '2026-11-01 10:00:00.123000+00:00'::timestamptz, '2026-11-01 10:00:00.123000+00:00'::timestamptz, '2026-11-01 10:00:00.123000+00:00'::timestamptz, 2, 'etag نصّ 2', 'last_modified نصّ 2', 'body_hash نصّ 2', 'shape نصّ 2', 'catalogue_id نصّ 2');
INSERT INTO "watchlist" ("id", "user_id", "name", "created_at") VALUES (1, 1, 'name نصّ 1', '2026-11-01 09:00:00.123000+00:00'::timestamptz);
INSERT INTO "watchlist" ("id", "user_id", "name", "created_at") VALUES (2, 2, 'name نصّ 2', '2026-11-01 10:00:00.123000+00:00'::timestamptz);
INSERT INTO "web_session" ("token_hash", "user_id", "created_at", "seen_at", "expires_at") VALUES ('token_hash نصّ 1', 1, '2026-11-01 09:00:00.123000+00:00'::timestamptz, '2026-11-01 09:00:00.123000+00:00'::timestamptz, '2026-11-01 09:00:00.123000+00:00'::timestamptz);
INSERT INTO "web_session" ("token_hash", "user_id", "created_at", "seen_at", "expires_at") VALUES ('token_hash نصّ 2', 2, '2026-11-01 10:00:00.123000+00:00'::timestamptz, '2026-11-01 10:00:00.123000+00:00'::timestamptz, '2026-11-01 10:00:00.123000+00:00'::timestamptz);
INSERT INTO "article" ("id", "source_id", "story_id", "url", "title", "summary", "text", "author", "language", "published_at", "first_seen_at", "content_hash", "quiet", "stored_version", "watch_version") VALUES (1, 1, 1, 'url نصّ 1', 'title نصّ 1', 'summary نصّ 1', 'text نصّ 1', 'author نصّ 1', 'ar', '2026-11-01 09:00:00.123000+00:00'::timestamptz, '2026-11-01 09:00:00.123000+00:00'::timestamptz, 'content_hash نصّ 1', true, 1, 1);
INSERT INTO "article" ("id", "source_id", "story_id", "url", "title", "summary", "text", "author", "language", "published_at", "first_seen_at", "content_hash", "quiet", "stored_version", "watch_version") VALUES (2, 2, 2, 'url نصّ 2', 'title نصّ 2', 'summary نصّ 2', 'text نصّ 2', 'author نصّ 2', 'ar', '2026-11-01 10:00:00.123000+00:00'::timestamptz, '2026-11-01 10:00:00.123000+00:00'::timestamptz, 'content_hash نصّ 2', false, 2, 2);
INSERT INTO "fetch_event" ("id", "source_id", "at", "outcome", "status", "detail", "new_articles") VALUES (1, 1, '2026-11-01 09:00:00.123000+00:00'::timestamptz, 'outcome نصّ 1', 1, 'detail نصّ 1', 1);
INSERT INTO "fetch_event" ("id", "source_id", "at", "outcome", "status", "detail", "new_articles") VALUES (2, 2, '2026-11-01 10:00:00.123000+00:00'::timestamptz, 'outcome نصّ 2', 2, 'detail نصّ 2', 2);
INSERT INTO "subscription" ("id", "watchlist_id", "channel_id", "include_existing", "created_at") VALUES (1, 1, 1, true, '2026-11-01 09:00:00.123000+00:00'::timestamptz);
INSERT INTO "subscription" ("id", "watchlist_id", "channel_id", "include_existing", "created_at") VALUES (2, 2, 2, false, '2026-11-01 10:00:00.123000+00:00'::timestamptz);
INSERT INTO "watch_term" ("id", "watchlist_id", "name", "spellings", "exclude", "created_at", "changed_at", "removed_at", "expression", "sense", "version", "since_version") VALUES (1, 1, 'name نصّ 1', '["تهجئة 1"]'::jsonb, '["عبارة 1"]'::jsonb, '2026-11-01 09:00:00.123000+00:00'::timestamptz, '2026-11-01 09:00:00.123000+00:00'::timestamptz, '2026-11-01 09:00:00.123000+00:00'::timestamptz, 'expression نصّ 1', true, 1, 1);
INSERT INTO "watch_term" ("id", "watchlist_id", "name", "spellings", "exclude", "created_at", "changed_at", "removed_at", "expression", "sense", "version", "since_version") VALUES (2, 2, 'name نصّ 2', '["تهجئة 2"]'::jsonb, '["عبارة 2"]'::jsonb, '2026-11-01 10:00:00.123000+00:00'::timestamptz, '2026-11-01 10:00:00.123000+00:00'::timestamptz, '2026-11-01 10:00:00.123000+00:00'::timestamptz, 'expression نصّ 2', false, 2, 2);
INSERT INTO "article_identity" ("source_id", "identity", "article_id") VALUES (1, 'identity نصّ 1', 1);
INSERT INTO "article_identity" ("source_id", "identity", "article_id") VALUES (2, 'identity نصّ 2', 2);
INSERT INTO "article_version" ("id", "article_id", "replaced_at", "title", "summary", "text", "content_hash") VALUES (1, 1, '2026-11-01 09:00:00.123000+00:00'::timestamptz, 'title نصّ 1', 'summary نصّ 1', 'text نصّ 1', 'content_hash نصّ 1');
INSERT INTO "article_version" ("id", "article_id", "replaced_at", "title", "summary", "text", "content_hash") VALUES (2, 2, '2026-11-01 10:00:00.123000+00:00'::timestamptz, 'title نصّ 2', 'summary نصّ 2', 'text نصّ 2', 'content_hash نصّ 2');
INSERT INTO "delivery" ("id", "article_id", "channel_id", "part", "state", "created_at", "due_at", "attempts", "lease_token", "leased_until", "leased_by", "settled_at", "last_error") VALUES ('id نصّ 1', 1, 1, 1, 'state نصّ 1', '2026-11-01 09:00:00.123000+00:00'::timestamptz, '2026-11-01 09:00:00.123000+00:00'::timestamptz, 1, 'lease_token نصّ 1', '2026-11-01 09:00:00.123000+00:00'::timestamptz, 'leased_by نصّ 1', '2026-11-01 09:00:00.123000+00:00'::timestamptz, 'last_error نصّ 1');
INSERT INTO "delivery" ("id", "article_id", "channel_id", "part", "state", "created_at", "due_at", "attempts", "lease_token", "leased_until", "leased_by", "settled_at", "last_error") VALUES ('id نصّ 2', 2, 2, 2, 'state نصّ 2', '2026-11-01 10:00:00.123000+00:00'::timestamptz, '2026-11-01 10:00:00.123000+00:00'::timestamptz, 2, 'lease_token نصّ 2', '2026-11-01 10:00:00.123000+00:00'::timestamptz, 'leased_by نصّ 2', '2026-11-01 10:00:00.123000+00:00'::timestamptz, 'last_error نصّ 2');
INSERT INTO "match" ("id", "user_id", "article_id", "watch_term_id", "matched_at", "hits", "state", "note") VALUES (1, 1, 1, 1, '2026-11-01 09:00:00.123000+00:00'::timestamptz, '[]'::jsonb, 'state نصّ 1', 'note نصّ 1');
INSERT INTO "match" ("id", "user_id", "article_id", "watch_term_id", "matched_at", "hits", "state", "note") VALUES (2, 2, 2, 2, '2026-11-01 10:00:00.123000+00:00'::timestamptz, '[]'::jsonb, 'state نصّ 2', 'note نصّ 2');
INSERT INTO "page_request" ("article_id", "host_name", "url", "due_at", "attempts") VALUES (1, 'name نصّ 1', 'url نصّ 1', '2026-11-01 09:00:00.123000+00:00'::timestamptz, 1);
INSERT INTO "page_request" ("article_id", "host_name", "url", "due_at", "attempts") VALUES (2, 'name نصّ 2', 'url نصّ 2', '2026-11-01 10:00:00.123000+00:00'::timestamptz, 2);
INSERT INTO "attempt" ("id", "delivery_id", "number", "started_at", "finished_at", "outcome", "detail") VALUES (1, 'id نصّ 1', 1, '2026-11-01 09:00:00.123000+00:00'::timestamptz, '2026-11-01 09:00:00.123000+00:00'::timestamptz, 'outcome نصّ 1', 'detail نصّ 1');
INSERT INTO "attempt" ("id", "delivery_id", "number", "started_at", "finished_at", "outcome", "detail") VALUES (2, 'id نصّ 2', 2, '2026-11-01 10:00:00.123000+00:00'::timestamptz, '2026-11-01 10:00:00.123000+00:00'::timestamptz, 'outcome نصّ 2', 'detail نصّ 2');
INSERT INTO "delivery_match" ("delivery_id", "match_id") VALUES ('id نصّ 1', 1);
INSERT INTO "delivery_match" ("delivery_id", "match_id") VALUES ('id نصّ 2', 2);
