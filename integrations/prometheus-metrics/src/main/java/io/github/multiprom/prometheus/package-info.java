/**
 * The merged metrics of a directory as a registry of the Prometheus Java client 1.x
 * (prometheus-metrics), and that client's metric types with their cells in worker files.
 */
package io.github.multiprom.prometheus;
