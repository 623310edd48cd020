/** Prometheus' web configuration file: TLS, basic authentication, limits. */
package io.github.multiprom.exposition.webconfig;
