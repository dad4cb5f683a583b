/* SPDX-License-Identifier: Apache-2.0 */
/* The yardstick of `./dev bench scope`: a scope as one would write it by hand for x86-64, with the same protocol and the
 * same stores to the session as the inline code of sgperf.h:
 *
 *   begin  is the site on?  the thread's block; save the region tag and the parent's child time; set the tag, clear the
 *          child time; which timer?  rdtsc
 *   end    which timer?  rdtsc; still the same thread?  count, total, self; compare max and min; histogram?  the parent's
 *          child time; restore the tag
 *
 * The frame lives in registers: nothing in the protocol asks for memory.  What cannot happen in the benchmark (no block,
 * clock timer, another thread, histogram) is tested for, as in a real scope, and branches to ud2.  A new shortest or longest time
 * is stored.  The loops come in copies that differ in alignment only, since alignment alone moves a result by up to 8 %.
 *
 * void loop(uint64_t n, struct sgperf_site *site): n scopes.  The block is yardstick_tls, which the benchmark sets.
 */
#if defined(__x86_64__)

	.section .tbss,"awT",@nobits
	.p2align 3
	.globl yardstick_tls
	.type yardstick_tls, @object
	.size yardstick_tls, 8
yardstick_tls:
	.zero 8

	.text

#define SLOT 4          /* sgperf_site.slot */
#define BLOCK_SITE 4    /* sgperf_block.site: the region tag's half */
#define BLOCK_TIMER 48
#define BLOCK_CHILD 56
#define COUNT 64        /* of sgperf_block.slots[0] */
#define TOTAL 72
#define SELF 80
#define MIN_INV 88
#define MAX 96
#define HIST 104

	.macro scope_loop pad
	.p2align 6
scope_\pad:
	.if \pad
	.skip \pad, 0x90
	.endif
.Lscope_top_\pad:
	movslq SLOT(%rsi), %rcx
	testl %ecx, %ecx
	jle .Lnever
	movq %fs:yardstick_tls@tpoff, %r8
	testq %r8, %r8
	je .Lnever
	movl BLOCK_SITE(%r8), %r9d
	movq BLOCK_CHILD(%r8), %r10
	movl %ecx, BLOCK_SITE(%r8)
	movq $0, BLOCK_CHILD(%r8)
	cmpq $0, BLOCK_TIMER(%r8)
	jne .Lnever
	rdtsc
	shlq $32, %rdx
	orq %rdx, %rax
	movq %rax, %r11
	/* the body of the scope would stand here */
	cmpq $0, BLOCK_TIMER(%r8)
	jne .Lnever
	rdtsc
	shlq $32, %rdx
	orq %rdx, %rax
	subq %r11, %rax
	cmpq %fs:yardstick_tls@tpoff, %r8
	jne .Lnever
	shlq $6, %rcx
	addq %r8, %rcx
	addq $1, COUNT(%rcx)
	addq %rax, TOTAL(%rcx)
	movq %rax, %rdx
	subq BLOCK_CHILD(%r8), %rdx
	addq %rdx, SELF(%rcx)
	cmpq %rax, MAX(%rcx)
	jb .Lmax_\pad
.Lafter_max_\pad:
	movq %rax, %rdx
	notq %rdx
	cmpq %rdx, MIN_INV(%rcx)
	jb .Lmin_\pad
.Lafter_min_\pad:
	cmpq $0, HIST(%rcx)
	jne .Lnever
	addq %r10, %rax
	movq %rax, BLOCK_CHILD(%r8)
	movl %r9d, BLOCK_SITE(%r8)
	decq %rdi
	jne .Lscope_top_\pad
	ret
.Lmax_\pad:
	movq %rax, MAX(%rcx)
	jmp .Lafter_max_\pad
.Lmin_\pad:
	movq %rdx, MIN_INV(%rcx)
	jmp .Lafter_min_\pad
	.endm

	.macro rdtsc_loop pad
	.p2align 6
rdtsc_\pad:
	.if \pad
	.skip \pad, 0x90
	.endif
.Lrdtsc_top_\pad:
	rdtsc
	rdtsc
	decq %rdi
	jne .Lrdtsc_top_\pad
	ret
	.endm

	.irp pad, 0, 8, 16, 24, 32, 40, 48, 56
	scope_loop \pad
	.endr
	.irp pad, 0, 8, 16, 24, 32, 40, 48, 56
	rdtsc_loop \pad
	.endr
.Lnever:
	ud2

	.section .data.rel.ro,"aw",@progbits
	.p2align 3
	.globl yardstick_scope
	.type yardstick_scope, @object
yardstick_scope:
	.irp pad, 0, 8, 16, 24, 32, 40, 48, 56
	.quad scope_\pad
	.endr
	.size yardstick_scope, . - yardstick_scope
	.globl yardstick_rdtsc
	.type yardstick_rdtsc, @object
yardstick_rdtsc:
	.irp pad, 0, 8, 16, 24, 32, 40, 48, 56
	.quad rdtsc_\pad
	.endr
	.size yardstick_rdtsc, . - yardstick_rdtsc
#endif
	.section .note.GNU-stack,"",@progbits
