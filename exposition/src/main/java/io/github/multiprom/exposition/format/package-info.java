/** The formats: text 0.0.4, OpenMetrics and protobuf. */
package io.github.multiprom.exposition.format;
