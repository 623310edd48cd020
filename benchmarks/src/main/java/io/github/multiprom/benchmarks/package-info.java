/** JMH benchmarks of Multiprom and of its peers, in one run. */
package io.github.multiprom.benchmarks;
