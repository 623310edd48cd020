/**
 * Folds equal series of many snapshots into one; reads from the store and never imports the
 * metrics.
 */
package io.github.multiprom.merge;
