/** The metrics of the OpenTelemetry SDK in worker files, merged over all workers. */
package io.github.multiprom.opentelemetry;
