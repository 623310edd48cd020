/** What the Java agent does, in a class loader of its own that no application sees. */
package io.github.multiprom.agent.inside;
