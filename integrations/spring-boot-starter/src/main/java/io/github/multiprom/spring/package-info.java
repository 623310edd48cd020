/** Multiprom in an application of Spring Boot: a dependency, and a property. */
package io.github.multiprom.spring;
