/*
 * The functions of stdio (family STDIO of hooks.def) for x86-64. Nobody else in a process is called as often, with as
 * many kinds of arguments: as long as lines are not recorded, each is a look at one byte and a jump to libc's own
 * function, with stack and registers as they came. Where they are, oa_stdio_NAME (stdio.c) is called in the same way.
 */
#if defined(__x86_64__)
	.text

	/* Where each row's pointer is in struct oa_real, and a jump if it is one of these. */
	.set	at, 0
#define HOOK(name, need, family) .set at_##name, at; .set at, at + 8; hook name, family;
#define RAW(name, why)

	.macro	hook name, family
	.ifc	\family, STDIO
	.globl	\name
	.type	\name, @function
\name:
	.cfi_startproc
	endbr64
	cmpb	$0, oa_log_lines_on(%rip)
	jne	oa_stdio_\name
	movq	oa_real + at_\name(%rip), %r11
	testq	%r11, %r11
	jz	1f
	jmp	*%r11
1:	movl	$at_\name, %r11d
	jmp	find
	.cfi_endproc
	.size	\name, . - \name
	.endif
	.endm

#include "hooks/hooks.def"

/* The first call: r11 is the place of a pointer that is not known yet. All that may hold an argument is kept, al (how
 * many of xmm0 to xmm7 do) among it. */
	.type	find, @function
find:
	.cfi_startproc
	pushq	%r11
	pushq	%rax
	pushq	%rdi
	pushq	%rsi
	pushq	%rdx
	pushq	%rcx
	pushq	%r8
	pushq	%r9
	subq	$136, %rsp
	.cfi_adjust_cfa_offset 200
	movaps	%xmm0, (%rsp)
	movaps	%xmm1, 16(%rsp)
	movaps	%xmm2, 32(%rsp)
	movaps	%xmm3, 48(%rsp)
	movaps	%xmm4, 64(%rsp)
	movaps	%xmm5, 80(%rsp)
	movaps	%xmm6, 96(%rsp)
	movaps	%xmm7, 112(%rsp)
	movl	%r11d, %edi
	shrl	$3, %edi
	call	oa_real_late
	movaps	(%rsp), %xmm0
	movaps	16(%rsp), %xmm1
	movaps	32(%rsp), %xmm2
	movaps	48(%rsp), %xmm3
	movaps	64(%rsp), %xmm4
	movaps	80(%rsp), %xmm5
	movaps	96(%rsp), %xmm6
	movaps	112(%rsp), %xmm7
	addq	$136, %rsp
	popq	%r9
	popq	%r8
	popq	%rcx
	popq	%rdx
	popq	%rsi
	popq	%rdi
	popq	%rax
	popq	%r11
	.cfi_adjust_cfa_offset -200
	leaq	oa_real(%rip), %r10
	jmp	*(%r10, %r11)
	.cfi_endproc
	.size	find, . - find

	.section .note.gnu.property, "a"
	.p2align 3
	.long	4, 16, 5
	.string	"GNU"
	.long	0xc0000002, 4, 3, 0	/* IBT and SHSTK */
#endif
	.section .note.GNU-stack, "", @progbits
