/** Requests: which answer they get, from which scrape, on which threads. */
package io.github.multiprom.exposition.http;
