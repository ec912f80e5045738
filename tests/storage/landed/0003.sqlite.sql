BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0003');
CREATE TABLE api_token (
	id INTEGER NOT NULL, 
	user_id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	token_hash TEXT NOT NULL, 
	scope TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	revoked_at DATETIME, 
	CONSTRAINT pk_api_token PRIMARY KEY (id), 
	CONSTRAINT fk_api_token_user_id FOREIGN KEY(user_id) REFERENCES user_account (id) ON DELETE CASCADE, 
	CONSTRAINT uq_api_token_token_hash UNIQUE (token_hash)
);
INSERT INTO "api_token" VALUES(1,1,'name نصّ 1','token_hash نصّ 1','scope نصّ 1','2026-11-01 09:00:00.123000','2026-11-01 09:00:00.123000');
INSERT INTO "api_token" VALUES(2,2,'name نصّ 2','token_hash نصّ 2','scope نصّ 2','2026-11-01 10:00:00.123000','2026-11-01 10:00:00.123000');
CREATE TABLE article (
	id INTEGER NOT NULL, 
	source_id INTEGER NOT NULL, 
	story_id INTEGER, 
	url TEXT, 
	title TEXT NOT NULL, 
	summary TEXT, 
	text TEXT, 
	author TEXT, 
	language TEXT, 
	published_at DATETIME, 
	first_seen_at DATETIME NOT NULL, 
	content_hash TEXT NOT NULL, 
	quiet BOOLEAN NOT NULL, stored_version BIGINT DEFAULT '0' NOT NULL, watch_version BIGINT DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_article PRIMARY KEY (id), 
	CONSTRAINT fk_article_source_id FOREIGN KEY(source_id) REFERENCES source (id), 
	CONSTRAINT fk_article_story_id FOREIGN KEY(story_id) REFERENCES story (id)
);
INSERT INTO "article" VALUES(1,1,1,'url نصّ 1','title نصّ 1','summary نصّ 1','text نصّ 1','author نصّ 1','ar','2026-11-01 09:00:00.123000','2026-11-01 09:00:00.123000','content_hash نصّ 1',1,1,1);
INSERT INTO "article" VALUES(2,2,2,'url نصّ 2','title نصّ 2','summary نصّ 2','text نصّ 2','author نصّ 2','ar','2026-11-01 10:00:00.123000','2026-11-01 10:00:00.123000','content_hash نصّ 2',0,2,2);
CREATE TABLE article_identity (
	source_id INTEGER NOT NULL, 
	identity TEXT NOT NULL, 
	article_id INTEGER NOT NULL, 
	CONSTRAINT pk_article_identity PRIMARY KEY (source_id, identity), 
	CONSTRAINT fk_article_identity_article_id FOREIGN KEY(article_id) REFERENCES article (id) ON DELETE CASCADE, 
	CONSTRAINT fk_article_identity_source_id FOREIGN KEY(source_id) REFERENCES source (id)
);
INSERT INTO "article_identity" VALUES(1,'identity نصّ 1',1);
INSERT INTO "article_identity" VALUES(2,'identity نصّ 2',2);
CREATE TABLE article_version (
	id INTEGER NOT NULL, 
	article_id INTEGER NOT NULL, 
	replaced_at DATETIME NOT NULL, 
	title TEXT NOT NULL, 
	summary TEXT, 
	text TEXT, 
	content_hash TEXT NOT NULL, 
	CONSTRAINT pk_article_version PRIMARY KEY (id), 
	CONSTRAINT fk_article_version_article_id FOREIGN KEY(article_id) REFERENCES article (id) ON DELETE CASCADE
);
INSERT INTO "article_version" VALUES(1,1,'2026-11-01 09:00:00.123000','title نصّ 1','summary نصّ 1','text نصّ 1','content_hash نصّ 1');
INSERT INTO "article_version" VALUES(2,2,'2026-11-01 10:00:00.123000','title نصّ 2','summary نصّ 2','text نصّ 2','content_hash نصّ 2');
CREATE TABLE attempt (
	id INTEGER NOT NULL, 
	delivery_id VARCHAR(40) NOT NULL, 
	number INTEGER NOT NULL, 
	started_at DATETIME NOT NULL, 
	finished_at DATETIME NOT NULL, 
	outcome VARCHAR(20) NOT NULL, 
	detail TEXT NOT NULL, 
	CONSTRAINT pk_attempt PRIMARY KEY (id), 
	CONSTRAINT fk_attempt_delivery_id FOREIGN KEY(delivery_id) REFERENCES delivery (id) ON DELETE CASCADE
);
INSERT INTO "attempt" VALUES(1,'id نصّ 1',1,'2026-11-01 09:00:00.123000','2026-11-01 09:00:00.123000','outcome نصّ 1','detail نصّ 1');
INSERT INTO "attempt" VALUES(2,'id نصّ 2',2,'2026-11-01 10:00:00.123000','2026-11-01 10:00:00.123000','outcome نصّ 2','detail نصّ 2');
CREATE TABLE audit_event (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	user_id INTEGER, 
	action TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	detail JSON NOT NULL, 
	CONSTRAINT pk_audit_event PRIMARY KEY (id), 
	CONSTRAINT fk_audit_event_user_id FOREIGN KEY(user_id) REFERENCES user_account (id) ON DELETE SET NULL
);
INSERT INTO "audit_event" VALUES(1,'2026-11-01 09:00:00.123000',1,'action نصّ 1','subject نصّ 1','{"سبب": 1}');
INSERT INTO "audit_event" VALUES(2,'2026-11-01 10:00:00.123000',2,'action نصّ 2','subject نصّ 2','{"سبب": 2}');
CREATE TABLE channel (
	id INTEGER NOT NULL, 
	user_id INTEGER NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	name TEXT NOT NULL, 
	address TEXT NOT NULL, 
	secret TEXT, 
	created_at DATETIME NOT NULL, 
	confirmed_at DATETIME, 
	disabled_at DATETIME, 
	disabled_reason TEXT, 
	failing_since DATETIME, 
	CONSTRAINT pk_channel PRIMARY KEY (id), 
	CONSTRAINT fk_channel_user_id FOREIGN KEY(user_id) REFERENCES user_account (id) ON DELETE CASCADE, 
	CONSTRAINT uq_channel_user_id_name UNIQUE (user_id, name)
);
INSERT INTO "channel" VALUES(1,1,'webhook','name نصّ 1','address نصّ 1','secret نصّ 1','2026-11-01 09:00:00.123000','2026-11-01 09:00:00.123000','2026-11-01 09:00:00.123000','disabled_reason نصّ 1','2026-11-01 09:00:00.123000');
INSERT INTO "channel" VALUES(2,2,'webhook','name نصّ 2','address نصّ 2','secret نصّ 2','2026-11-01 10:00:00.123000','2026-11-01 10:00:00.123000','2026-11-01 10:00:00.123000','disabled_reason نصّ 2','2026-11-01 10:00:00.123000');
CREATE TABLE delivery (
	id VARCHAR(40) NOT NULL, 
	article_id INTEGER NOT NULL, 
	channel_id INTEGER NOT NULL, 
	part INTEGER NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	created_at DATETIME NOT NULL, 
	due_at DATETIME NOT NULL, 
	attempts INTEGER NOT NULL, 
	lease_token TEXT, 
	leased_until DATETIME, 
	leased_by TEXT, 
	settled_at DATETIME, 
	last_error TEXT, 
	CONSTRAINT pk_delivery PRIMARY KEY (id), 
	CONSTRAINT fk_delivery_article_id FOREIGN KEY(article_id) REFERENCES article (id), 
	CONSTRAINT fk_delivery_channel_id FOREIGN KEY(channel_id) REFERENCES channel (id) ON DELETE CASCADE, 
	CONSTRAINT uq_delivery_article_id_channel_id_part UNIQUE (article_id, channel_id, part)
);
INSERT INTO "delivery" VALUES('id نصّ 1',1,1,1,'state نصّ 1','2026-11-01 09:00:00.123000','2026-11-01 09:00:00.123000',1,'lease_token نصّ 1','2026-11-01 09:00:00.123000','leased_by نصّ 1','2026-11-01 09:00:00.123000','last_error نصّ 1');
INSERT INTO "delivery" VALUES('id نصّ 2',2,2,2,'state نصّ 2','2026-11-01 10:00:00.123000','2026-11-01 10:00:00.123000',2,'lease_token نصّ 2','2026-11-01 10:00:00.123000','leased_by نصّ 2','2026-11-01 10:00:00.123000','last_error نصّ 2');
CREATE TABLE delivery_match (
	delivery_id VARCHAR(40) NOT NULL, 
	match_id INTEGER NOT NULL, 
	CONSTRAINT pk_delivery_match PRIMARY KEY (delivery_id, match_id), 
	CONSTRAINT fk_delivery_match_delivery_id FOREIGN KEY(delivery_id) REFERENCES delivery (id) ON DELETE CASCADE, 
	CONSTRAINT fk_delivery_match_match_id FOREIGN KEY(match_id) REFERENCES "match" (id)
);
INSERT INTO "delivery_match" VALUES('id نصّ 1',1);
INSERT INTO "delivery_match" VALUES('id نصّ 2',2);
CREATE TABLE fetch_event (
	id INTEGER NOT NULL, 
	source_id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	outcome TEXT NOT NULL, 
	status INTEGER, 
	detail TEXT NOT NULL, 
	new_articles INTEGER NOT NULL, 
	CONSTRAINT pk_fetch_event PRIMARY KEY (id), 
	CONSTRAINT fk_fetch_event_source_id FOREIGN KEY(source_id) REFERENCES source (id) ON DELETE CASCADE
);
INSERT INTO "fetch_event" VALUES(1,1,'2026-11-01 09:00:00.123000','outcome نصّ 1',1,'detail نصّ 1',1);
INSERT INTO "fetch_event" VALUES(2,2,'2026-11-01 10:00:00.123000','outcome نصّ 2',2,'detail نصّ 2',2);
CREATE TABLE host (
	name TEXT NOT NULL, 
	due_at DATETIME, 
	paced_until DATETIME, 
	lease_token TEXT, 
	leased_until DATETIME, 
	leased_by TEXT, 
	CONSTRAINT pk_host PRIMARY KEY (name)
);
INSERT INTO "host" VALUES('name نصّ 1','2026-11-01 09:00:00.123000','2026-11-01 09:00:00.123000','lease_token نصّ 1','2026-11-01 09:00:00.123000','leased_by نصّ 1');
INSERT INTO "host" VALUES('name نصّ 2','2026-11-01 10:00:00.123000','2026-11-01 10:00:00.123000','lease_token نصّ 2','2026-11-01 10:00:00.123000','leased_by نصّ 2');
CREATE TABLE login_failure (
	"key" TEXT NOT NULL, 
	failures INTEGER NOT NULL, 
	last_at DATETIME NOT NULL, 
	blocked_until DATETIME, 
	CONSTRAINT pk_login_failure PRIMARY KEY ("key")
);
INSERT INTO "login_failure" VALUES('key نصّ 1',1,'2026-11-01 09:00:00.123000','2026-11-01 09:00:00.123000');
INSERT INTO "login_failure" VALUES('key نصّ 2',2,'2026-11-01 10:00:00.123000','2026-11-01 10:00:00.123000');
CREATE TABLE "match" (
	id INTEGER NOT NULL, 
	user_id INTEGER NOT NULL, 
	article_id INTEGER NOT NULL, 
	watch_term_id INTEGER NOT NULL, 
	matched_at DATETIME NOT NULL, 
	hits JSON NOT NULL, 
	state VARCHAR(20) NOT NULL, 
	note TEXT, 
	CONSTRAINT pk_match PRIMARY KEY (id), 
	CONSTRAINT fk_match_article_id FOREIGN KEY(article_id) REFERENCES article (id), 
	CONSTRAINT fk_match_user_id FOREIGN KEY(user_id) REFERENCES user_account (id) ON DELETE CASCADE, 
	CONSTRAINT fk_match_watch_term_id FOREIGN KEY(watch_term_id) REFERENCES watch_term (id), 
	CONSTRAINT uq_match_article_id_watch_term_id UNIQUE (article_id, watch_term_id)
);
INSERT INTO "match" VALUES(1,1,1,1,'2026-11-01 09:00:00.123000','[]','state نصّ 1','note نصّ 1');
INSERT INTO "match" VALUES(2,2,2,2,'2026-11-01 10:00:00.123000','[]','state نصّ 2','note نصّ 2');
CREATE TABLE one_time_link (
	token_hash VARCHAR(64) NOT NULL, 
	purpose VARCHAR(20) NOT NULL, 
	user_id INTEGER, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	used_at DATETIME, 
	CONSTRAINT pk_one_time_link PRIMARY KEY (token_hash), 
	CONSTRAINT fk_one_time_link_user_id FOREIGN KEY(user_id) REFERENCES user_account (id) ON DELETE CASCADE
);
INSERT INTO "one_time_link" VALUES('token_hash نصّ 1','purpose نصّ 1',1,'2026-11-01 09:00:00.123000','2026-11-01 09:00:00.123000','2026-11-01 09:00:00.123000');
INSERT INTO "one_time_link" VALUES('token_hash نصّ 2','purpose نصّ 2',2,'2026-11-01 10:00:00.123000','2026-11-01 10:00:00.123000','2026-11-01 10:00:00.123000');
CREATE TABLE page_request (
	article_id INTEGER NOT NULL, 
	host_name TEXT NOT NULL, 
	url TEXT NOT NULL, 
	due_at DATETIME NOT NULL, 
	attempts INTEGER NOT NULL, 
	CONSTRAINT pk_page_request PRIMARY KEY (article_id), 
	CONSTRAINT fk_page_request_article_id FOREIGN KEY(article_id) REFERENCES article (id) ON DELETE CASCADE, 
	CONSTRAINT fk_page_request_host_name FOREIGN KEY(host_name) REFERENCES host (name)
);
INSERT INTO "page_request" VALUES(1,'name نصّ 1','url نصّ 1','2026-11-01 09:00:00.123000',1);
INSERT INTO "page_request" VALUES(2,'name نصّ 2','url نصّ 2','2026-11-01 10:00:00.123000',2);
CREATE TABLE source (
	id INTEGER NOT NULL, 
	host_name TEXT NOT NULL, 
	url TEXT NOT NULL, 
	name TEXT NOT NULL, 
	title TEXT, 
	kind TEXT, 
	created_at DATETIME NOT NULL, 
	due_at DATETIME NOT NULL, 
	paused_at DATETIME, 
	first_polled_at DATETIME, 
	last_success_at DATETIME, 
	failures INTEGER NOT NULL, 
	etag TEXT, 
	last_modified TEXT, 
	body_hash TEXT, shape VARCHAR(20) DEFAULT 'feed' NOT NULL, catalogue_id TEXT, 
	CONSTRAINT pk_source PRIMARY KEY (id), 
	CONSTRAINT fk_source_host_name FOREIGN KEY(host_name) REFERENCES host (name), 
	CONSTRAINT uq_source_name UNIQUE (name), 
	CONSTRAINT uq_source_url UNIQUE (url)
);
INSERT INTO "source" VALUES(1,'name نصّ 1','url نصّ 1','name نصّ 1','title نصّ 1','webhook','2026-11-01 09:00:00.123000','2026-11-01 09:00:00.123000','2026-11-01 09:00:00.123000','2026-11-01 09:00:00.123000','2026-11-01 09:00:00.123000',1,'etag نصّ 1','last_modified نصّ 1','body_hash نصّ 1','shape نصّ 1','catalogue_id نصّ 1');
INSERT INTO "source" VALUES(2,'name نصّ 2','url نصّ 2','name نصّ 2','title نصّ 2','webhook','2026-11-01 10:00:00.123000','2026-11-01 10:00:00.123000','2026-11-01 10:00:00.123000','2026-11-01 10:00:00.123000','2026-11-01 10:00:00.123000',2,'etag نصّ 2','last_modified نصّ 2','body_hash نصّ 2','shape نصّ 2','catalogue_id نصّ 2');
CREATE TABLE story (
	id INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_story PRIMARY KEY (id)
);
INSERT INTO "story" VALUES(1,'2026-11-01 09:00:00.123000');
INSERT INTO "story" VALUES(2,'2026-11-01 10:00:00.123000');
CREATE TABLE subscription (
	id INTEGER NOT NULL, 
	watchlist_id INTEGER NOT NULL, 
	channel_id INTEGER NOT NULL, 
	include_existing BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_subscription PRIMARY KEY (id), 
	CONSTRAINT fk_subscription_channel_id FOREIGN KEY(channel_id) REFERENCES channel (id) ON DELETE CASCADE, 
	CONSTRAINT fk_subscription_watchlist_id FOREIGN KEY(watchlist_id) REFERENCES watchlist (id) ON DELETE CASCADE, 
	CONSTRAINT uq_subscription_watchlist_id_channel_id UNIQUE (watchlist_id, channel_id)
);
INSERT INTO "subscription" VALUES(1,1,1,1,'2026-11-01 09:00:00.123000');
INSERT INTO "subscription" VALUES(2,2,2,0,'2026-11-01 10:00:00.123000');
CREATE TABLE user_account (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	email TEXT, 
	created_at DATETIME NOT NULL, password_hash TEXT, language VARCHAR(5), role VARCHAR(20) DEFAULT 'admin' NOT NULL, disabled_at DATETIME, 
	CONSTRAINT pk_user_account PRIMARY KEY (id), 
	CONSTRAINT uq_user_account_email UNIQUE (email)
);
INSERT INTO "user_account" VALUES(1,'name نصّ 1','email نصّ 1','2026-11-01 09:00:00.123000','password_hash نصّ 1','ar','role نصّ 1','2026-11-01 09:00:00.123000');
INSERT INTO "user_account" VALUES(2,'name نصّ 2','email نصّ 2','2026-11-01 10:00:00.123000','password_hash نصّ 2','ar','role نصّ 2','2026-11-01 10:00:00.123000');
CREATE TABLE watch_set (
	id INTEGER NOT NULL, 
	version BIGINT NOT NULL, 
	CONSTRAINT pk_watch_set PRIMARY KEY (id)
);
INSERT INTO "watch_set" VALUES(1,1);
INSERT INTO "watch_set" VALUES(2,2);
CREATE TABLE watch_term (
	id INTEGER NOT NULL, 
	watchlist_id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	spellings JSON, 
	exclude JSON NOT NULL, 
	created_at DATETIME NOT NULL, 
	changed_at DATETIME NOT NULL, 
	removed_at DATETIME, expression TEXT, sense BOOLEAN DEFAULT 1 NOT NULL, version BIGINT DEFAULT '0' NOT NULL, since_version BIGINT DEFAULT '0' NOT NULL, 
	CONSTRAINT pk_watch_term PRIMARY KEY (id), 
	CONSTRAINT fk_watch_term_watchlist_id FOREIGN KEY(watchlist_id) REFERENCES watchlist (id) ON DELETE CASCADE, 
	CONSTRAINT uq_watch_term_watchlist_id_name UNIQUE (watchlist_id, name)
);
INSERT INTO "watch_term" VALUES(1,1,'name نصّ 1','["تهجئة 1"]','["عبارة 1"]','2026-11-01 09:00:00.123000','2026-11-01 09:00:00.123000','2026-11-01 09:00:00.123000','expression نصّ 1',1,1,1);
INSERT INTO "watch_term" VALUES(2,2,'name نصّ 2','["تهجئة 2"]','["عبارة 2"]','2026-11-01 10:00:00.123000','2026-11-01 10:00:00.123000','2026-11-01 10:00:00.123000','expression نصّ 2',0,2,2);
CREATE TABLE watchlist (
	id INTEGER NOT NULL, 
	user_id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_watchlist PRIMARY KEY (id), 
	CONSTRAINT fk_watchlist_user_id FOREIGN KEY(user_id) REFERENCES user_account (id) ON DELETE CASCADE, 
	CONSTRAINT uq_watchlist_user_id_name UNIQUE (user_id, name)
);
INSERT INTO "watchlist" VALUES(1,1,'name نصّ 1','2026-11-01 09:00:00.123000');
INSERT INTO "watchlist" VALUES(2,2,'name نصّ 2','2026-11-01 10:00:00.123000');
CREATE TABLE web_session (
	token_hash VARCHAR(64) NOT NULL, 
	user_id INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	seen_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	CONSTRAINT pk_web_session PRIMARY KEY (token_hash), 
	CONSTRAINT fk_web_session_user_id FOREIGN KEY(user_id) REFERENCES user_account (id) ON DELETE CASCADE
);
INSERT INTO "web_session" VALUES('token_hash نصّ 1',1,'2026-11-01 09:00:00.123000','2026-11-01 09:00:00.123000','2026-11-01 09:00:00.123000');
INSERT INTO "web_session" VALUES('token_hash نصّ 2',2,'2026-11-01 10:00:00.123000','2026-11-01 10:00:00.123000','2026-11-01 10:00:00.123000');
CREATE TABLE worker (
	name TEXT NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	machine TEXT NOT NULL, 
	pid INTEGER NOT NULL, 
	version TEXT NOT NULL, 
	started_at DATETIME NOT NULL, 
	seen_at DATETIME NOT NULL, 
	CONSTRAINT pk_worker PRIMARY KEY (name)
);
INSERT INTO "worker" VALUES('name نصّ 1','webhook','machine نصّ 1',1,'version نصّ 1','2026-11-01 09:00:00.123000','2026-11-01 09:00:00.123000');
INSERT INTO "worker" VALUES('name نصّ 2','webhook','machine نصّ 2',2,'version نصّ 2','2026-11-01 10:00:00.123000','2026-11-01 10:00:00.123000');
CREATE INDEX ix_host_due_at ON host (due_at);
CREATE INDEX ix_api_token_user_id ON api_token (user_id);
CREATE INDEX ix_audit_event_at ON audit_event (at);
CREATE INDEX ix_source_due_at ON source (due_at);
CREATE INDEX ix_source_host_name ON source (host_name);
CREATE INDEX ix_article_first_seen_at ON article (first_seen_at);
CREATE INDEX ix_article_source_id ON article (source_id);
CREATE INDEX ix_article_story_id ON article (story_id);
CREATE INDEX ix_fetch_event_source_id_id ON fetch_event (source_id, id);
CREATE INDEX ix_subscription_channel_id ON subscription (channel_id);
CREATE INDEX ix_article_identity_article_id ON article_identity (article_id);
CREATE INDEX ix_article_version_article_id ON article_version (article_id);
CREATE INDEX ix_delivery_channel_id ON delivery (channel_id);
CREATE INDEX ix_delivery_due ON delivery (state, due_at);
CREATE INDEX ix_match_inbox ON "match" (user_id, matched_at, id);
CREATE INDEX ix_match_watch_term_id ON "match" (watch_term_id);
CREATE INDEX ix_page_request_host_name_due_at ON page_request (host_name, due_at);
CREATE INDEX ix_attempt_delivery_id ON attempt (delivery_id);
CREATE INDEX ix_web_session_user_id ON web_session (user_id);
CREATE INDEX ix_article_behind ON article (id) WHERE watch_version < stored_version;
COMMIT;
