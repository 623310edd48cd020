/** The page of a directory for people. */
package io.github.multiprom.exposition.page;
