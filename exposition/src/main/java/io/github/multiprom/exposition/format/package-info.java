/** The formats: text 0.0.4 and OpenMetrics. */
package io.github.multiprom.exposition.format;
