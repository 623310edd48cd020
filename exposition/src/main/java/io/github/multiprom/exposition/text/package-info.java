/** The text formats: Prometheus 0.0.4 and OpenMetrics. */
package io.github.multiprom.exposition.text;
