/** JMH benchmarks of the metric types for users of other clients. */
package io.github.multiprom.benchmarks.integrations;
