/** A shop with Spring Boot. */
package io.github.multiprom.examples.spring;
