/** Merged families as text, and the HTTP endpoints that serve it. */
package io.github.multiprom.exposition;
